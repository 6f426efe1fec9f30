import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { ROOT } from './source-files.ts'

export interface Step {
  name: string
  command: readonly [program: string, ...args: string[]]
  timeoutMs: number
}

export interface StepResult {
  name: string
  ok: boolean
  durationMs: number
  output: string
}

/** Runs one step in the repo's root, with our own `node` and tools first on the path. Never rejects. */
export async function runStep({ name, command, timeoutMs }: Step, signal?: AbortSignal): Promise<StepResult> {
  const [program, ...args] = command
  const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  const startedAtMs = performance.now()
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, PATH: path, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    ...(signal ? { signal } : {}),
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (output += text))

  const { promise, resolve } = Promise.withResolvers<boolean>()
  child.on('error', (error) => {
    output += `${error.message}\n`
    resolve(false)
  })
  child.on('close', (code, killedBy) => {
    if (killedBy) output += `ended by ${killedBy} after ${Math.round(performance.now() - startedAtMs)} ms\n`
    resolve(code === 0)
  })
  const ok = await promise
  return { name, ok, durationMs: performance.now() - startedAtMs, output: stripVTControlCharacters(output) }
}

/** One line of the table: what was checked, how it went, how long it took, and what the tool counted. */
export function formatResult({ name, ok, durationMs, output }: StepResult): string {
  const seconds = `${(durationMs / 1000).toFixed(1)} s`
  return `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)}${seconds.padStart(8)}  ${summaryOf(output)}`.trimEnd()
}

/** The one line in which a tool says how much it looked at; tools change, so no match is no harm. */
export function summaryOf(output: string): string {
  const patterns = [
    /^ *Tests +(.+)$/m,
    /^(Checked \d+ files)/m,
    /(\d+ modules, \d+ dependencies) cruised/,
    /^(\d+ files, \d+ long)$/m,
  ]
  return patterns.map((pattern) => pattern.exec(output)?.[1]).find((found) => found !== undefined) ?? ''
}
