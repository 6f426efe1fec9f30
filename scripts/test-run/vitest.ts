import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import type { Tally } from './tally.ts'
import { tallyOf, type VitestReport } from './vitest-report.ts'

/** Runs all projects with Vitest's own output, and counts from its report. */
export async function runVitest(root: string, args: readonly string[]): Promise<Tally> {
  const reportFile = path.join(root, '.cache/vitest-report.json')
  rmSync(reportFile, { force: true })
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs')
  const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  // The servers of the tests end with Vitest, so it must be let finish; a second signal ends us anyway.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => child.kill(signal))
  const [code] = (await once(child, 'close')) as [number | null]
  return tallyOf(readReport(reportFile), code, root)
}

function readReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport
  } catch {
    return undefined
  }
}
