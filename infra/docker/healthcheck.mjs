// Asks this container's /readyz: exit status 0 means ready. The image has no curl, and needs none.
const port = process.argv[2] ?? '8080'
const TIMEOUT_MS = 4_000

try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) console.error(await response.text())
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  console.error(`nothing answers on port ${port}: ${error.cause?.message ?? error.message}`)
  process.exitCode = 1
}
