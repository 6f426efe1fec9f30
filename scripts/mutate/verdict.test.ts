import { expect, it } from 'vitest'
import { outcomesOf, type VitestReport, verdictOf } from './verdict.ts'

const tests = [
  { file: 'a.test.ts', title: 'row 1: with %i slots (or so)' },
  { file: 'a.test.ts', title: 'other' },
]

const reportOf = (...results: [title: string, status: string, message?: string][]): VitestReport => ({
  testResults: [
    {
      name: '/copy/a.test.ts',
      assertionResults: results.map(([title, status, message]) => ({
        ...{ title, status },
        failureMessages: message === undefined ? [] : [message],
      })),
    },
  ],
})

const judge = (report: VitestReport | undefined) => {
  const outcomes = outcomesOf(report, tests, '/copy')
  return { verdict: verdictOf(outcomes), outcomes: outcomes.map(({ outcome }) => outcome) }
}

it('is killed where each test failed, in one of its cases at least', () => {
  const report = reportOf(
    ['row 1: with 1 slots (or so)', 'passed'],
    ['row 1: with 64 slots (or so)', 'failed', 'AssertionError: expected 1 to be 2\n  at …'],
    ['other', 'failed', 'TestTimeoutError: Test timed out in 45000ms.'],
  )

  expect(judge(report)).toEqual({ verdict: 'killed', outcomes: ['failed', 'failed'] })
  expect(outcomesOf(report, tests, '/copy')[0]?.why).toBe('AssertionError: expected 1 to be 2')
})

it('survived where a test passed', () => {
  const report = reportOf(['row 1: with 1 slots (or so)', 'failed', 'no'], ['other', 'passed'])

  expect(judge(report)).toEqual({ verdict: 'survived', outcomes: ['failed', 'passed'] })
})

it.each([
  ['no report', undefined],
  [
    'a file that does not load',
    { testResults: [{ name: '/copy/a.test.ts', message: 'no', assertionResults: [] }] },
  ],
  [
    'tests that were skipped',
    reportOf(['row 1: with 1 slots (or so)', 'failed', 'no'], ['other', 'skipped']),
  ],
  [
    'code that is none',
    reportOf(
      ['row 1: with 1 slots (or so)', 'failed', 'no'],
      ['other', 'failed', 'ReferenceError: x is not defined'],
    ),
  ],
])('is broken by %s, which proves nothing', (_, report) => {
  expect(judge(report).verdict).toBe('broken')
})
