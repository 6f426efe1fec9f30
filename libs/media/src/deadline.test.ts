import { expect, it } from 'vitest'
import { deadlineMs } from './deadline.ts'

const hour = 3_600_000

it.each([
  ['a minute for a small file', { bytes: 1000 }, 60_000],
  ['seconds more for each megabyte', { bytes: 100_000_000 }, 460_000],
  ['a tenth of what it says it lasts', { bytes: 0, soundMs: 10 * hour }, hour + 60_000],
  ['no more for a header that promises 18 days', { bytes: 0, soundMs: 18 * 24 * hour }, 4 * hour],
])('gives %s', (_, claim, expected) => {
  expect(Math.abs(deadlineMs(claim) - expected)).toBeLessThan(10)
})
