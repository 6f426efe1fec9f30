// yt-dlp's `-J` for a platform's own address, as sites.ts answers it. Run by the program that ytdlp-program.ts writes.
const [siteUrl, ...args] = process.argv.slice(2)
const TIMEOUT_MS = 60_000

const response = await fetch(`${siteUrl}/yt-dlp`, {
  method: 'POST',
  body: JSON.stringify(args),
  signal: AbortSignal.timeout(TIMEOUT_MS),
})
const { exitCode, stdout, stderr } = await response.json()
process.stderr.write(stderr)
process.stdout.write(stdout)
process.exitCode = exitCode
