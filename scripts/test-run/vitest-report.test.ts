import { expect, it } from 'vitest'
import { addUp, closingLine, isGreen } from './tally.ts'
import { tallyOf } from './vitest-report.ts'

const file = (status: string, ...tests: [fullName: string, status: string][]) => ({
  name: '/repo/libs/a.test.ts',
  status,
  assertionResults: tests.map(([fullName, result]) => ({ fullName, status: result })),
})

it('counts tests and names those that failed or were skipped', () => {
  const report = {
    testResults: [file('failed', ['works', 'passed'], ['breaks', 'failed'], ['waits', 'pending'])],
  }

  expect(tallyOf(report, 1, '/repo')).toEqual({
    passed: 1,
    failures: ['libs/a.test.ts: breaks'],
    skips: ['libs/a.test.ts: waits'],
  })
})

it('counts a file that does not load as one failure', () => {
  expect(tallyOf({ testResults: [file('failed')] }, 1, '/repo').failures).toEqual(['libs/a.test.ts'])
})

it('counts an error outside any test, which shows in the exit code only', () => {
  const report = { testResults: [file('passed', ['works', 'passed'])] }

  expect(tallyOf(report, 1, '/repo').failures).toEqual(['vitest (exit code 1)'])
})

it('counts a run that ended without a report', () => {
  expect(tallyOf(undefined, null, '/repo').failures).toHaveLength(1)
})

it('closes with one plain line, and skips in it only where there are any', () => {
  const green = { passed: 2, failures: [], skips: [] }
  const mixed = addUp([green, { passed: 1, failures: ['x'], skips: ['y'] }])

  expect(closingLine(green)).toBe('2 passed, 0 failed')
  expect(closingLine(mixed)).toBe('3 passed, 1 failed, 1 skipped')
})

it('is not green when nothing ran', () => {
  expect(isGreen({ passed: 0, failures: [], skips: ['y'] })).toBe(false)
  expect(isGreen({ passed: 1, failures: ['x'], skips: [] })).toBe(false)
  expect(isGreen({ passed: 1, failures: [], skips: ['y'] })).toBe(true)
})
