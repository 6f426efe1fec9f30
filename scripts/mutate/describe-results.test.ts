import { expect, it } from 'vitest'
import { countResults, describeResults } from './describe-results.ts'
import type { MutationResult } from './run-set.ts'

const resultOf = (id: string, verdict: MutationResult['verdict'], rows: number[]): MutationResult => ({
  ...{ id, verdict, rows, off: `what ${id} does`, seconds: 7 },
  tests: [{ file: 'a.test.ts', title: 'row 1: is kept', outcome: 'passed', why: '' }],
})

it('says of each mutation what became of it, and why one was not killed', () => {
  const results = [resultOf('first', 'killed', [1, 12]), resultOf('second', 'survived', [])]

  expect(describeResults(results)).toEqual([
    'VERDICT   ROWS   MUTATION  S  TESTS  SWITCHED OFF',
    'killed    1, 12  first     7      1  what first does',
    'survived  -      second    7      1  what second does',
    '',
    'second survived:',
    '  passed: row 1: is kept',
    '',
    '1 of 2 killed',
  ])
  expect(countResults(results)).toEqual({ killed: 1, notKilled: ['second'] })
})
