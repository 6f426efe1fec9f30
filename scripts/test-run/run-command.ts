import { spawn } from 'node:child_process'
import { once } from 'node:events'

const TIMEOUT_MS = 10 * 60_000

/** Runs a command to its end and keeps what it said. */
export async function runCommand(command: string, args: readonly string[], cwd: string) {
  const startedAtMs = performance.now()
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output, seconds: Math.round((performance.now() - startedAtMs) / 1000) }
}
