import { expect, it } from 'vitest'
import { applyEdits, problemsOf } from './apply-edits.ts'
import type { Mutation } from './mutation.ts'

const FILES: Record<string, string> = {
  'a.ts': 'one two two three',
  'b.int.test.ts': `describeBus('x') // from './b.conformance.ts'`,
  'b.conformance.ts': `it('is kept', …)`,
}
const read = (file: string) => FILES[file]

const mutation = (more: Partial<Mutation>): Mutation => ({
  ...{ id: 'one', rows: [], off: 'something', edits: [], tests: [] },
  ...more,
})

it('makes several edits of one file, one after the other', () => {
  const edits = [
    { file: 'a.ts', find: 'one', replace: '$&' },
    { file: 'a.ts', find: '$&', replace: 'zero' },
  ]

  expect(applyEdits(edits, read)).toEqual(new Map([['a.ts', 'zero two two three']]))
})

it('refuses a text that is there twice or not at all, a file that is gone, and an edit that changes nothing', () => {
  const edits = [
    { file: 'a.ts', find: 'two', replace: '2' },
    { file: 'a.ts', find: 'four', replace: '4' },
    { file: 'c.ts', find: 'one', replace: '1' },
    { file: 'a.ts', find: 'one', replace: 'one' },
  ]

  expect(problemsOf(mutation({ edits }), read)).toEqual([
    'a.ts has 2 times, not once: two',
    'a.ts has 0 times, not once: four',
    'c.ts is not there',
    'a.ts: nothing would change',
  ])
  expect(() => applyEdits(edits.slice(0, 1), read)).toThrow('2 times')
})

it('finds a test in its file and in the conformance suite that the file runs, by its whole title', () => {
  const tests = ['is kept', 'kept'].map((title) => ({ file: 'b.int.test.ts', title }))

  expect(problemsOf(mutation({ tests }), read)).toEqual(['b.int.test.ts has no test “kept”'])
})
