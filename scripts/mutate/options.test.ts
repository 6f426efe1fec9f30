import { expect, it } from 'vitest'
import { parseOptions } from './options.ts'
import { SETS } from './sets.ts'

it('takes a set, all of it or some rows and names of it', () => {
  expect(parseOptions(['runtime'])?.mutations).toEqual(SETS.runtime)
  const some = parseOptions(['runtime', '--row', '12', '--row', '1', '--json'])

  expect(some?.json).toBe(true)
  expect(new Set(some?.mutations.flatMap(({ rows }) => rows))).toEqual(new Set([1, 12, 14]))
  expect(parseOptions(['runtime', '--id', 'read-noack'])?.mutations).toHaveLength(1)
})

it('says what there is where it is called wrongly', () => {
  expect(() => parseOptions([])).toThrow('runtime')
  expect(() => parseOptions(['other'])).toThrow('runtime')
  expect(() => parseOptions(['runtime', '--fast'])).toThrow('--fast')
  expect(() => parseOptions(['runtime', '--row', '8'])).toThrow('no such mutation')
  expect(parseOptions(['--help'])).toBeUndefined()
})
