import path from 'node:path'
import type { Tally } from './tally.ts'

/** What we read of the JSON report, which follows Jest's. */
export interface VitestReport {
  testResults: {
    name: string
    status: string
    assertionResults: { fullName: string; status: string }[]
  }[]
}

/**
 * Counts a run. Failures without a test of their own count too: a file that does not load, an error outside
 * any test, a Vitest that died before it wrote its report.
 */
export function tallyOf(report: VitestReport | undefined, exitCode: number | null, root: string): Tally {
  const tally: Tally = { passed: 0, failures: [], skips: [] }
  for (const file of report?.testResults ?? []) {
    const name = path.relative(root, file.name)
    const failuresBefore = tally.failures.length
    for (const test of file.assertionResults) count(tally, test.status, `${name}: ${test.fullName}`)
    if (file.status === 'failed' && tally.failures.length === failuresBefore) tally.failures.push(name)
  }
  if (exitCode !== 0 && tally.failures.length === 0) tally.failures.push(`vitest (exit code ${exitCode})`)
  return tally
}

function count(tally: Tally, status: string, name: string): void {
  if (status === 'passed') tally.passed += 1
  else if (status === 'failed') tally.failures.push(name)
  else tally.skips.push(name)
}
