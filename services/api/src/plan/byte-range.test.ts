import { expect, it } from 'vitest'
import { planByteRange } from './byte-range.ts'

const all = { kind: 'all' }
const none = { kind: 'none' }
const part = (start: number, end: number) => ({ kind: 'part', start, end })

it.each([
  [undefined, all],
  ['bytes=0-', part(0, 99)],
  ['bytes=10-19', part(10, 19)],
  ['bytes=90-1000', part(90, 99)],
  ['bytes=99-99', part(99, 99)],
  ['bytes=-10', part(90, 99)],
  ['bytes=-1000', part(0, 99)],
  ['bytes=100-', none],
  ['bytes=-0', none],
  ['bytes=20-10', all],
  ['bytes=0-1,5-6', all],
  ['bytes=-', all],
  ['lines=1-2', all],
  ['bytes=a-b', all],
])('answers %j of a hundred bytes with %j', (header, expected) => {
  expect(planByteRange(header, 100)).toEqual(expected)
})

it('has no part of an empty file', () => {
  expect(planByteRange('bytes=0-', 0)).toEqual(none)
})
