import { expect, it } from 'vitest'
import { admissionWindow, createPace } from './admission.ts'

it.each([
  { slots: 32, meanRunMs: undefined, window: 32, why: 'nobody knows yet how long runs take' },
  { slots: 32, meanRunMs: 60_000, window: 32, why: 'long runs' },
  { slots: 32, meanRunMs: 20, window: 32, why: 'a ticket comes as fast as a run ends' },
  { slots: 32, meanRunMs: 10, window: 64, why: 'runs are shorter than a top-up' },
  { slots: 32, meanRunMs: 0.01, window: 128, why: 'four for each slot at most' },
  { slots: 1, meanRunMs: 0, window: 64, why: 'sixty-four at least where runs take no time' },
  { slots: 1, meanRunMs: 5_000, window: 1, why: 'one slot, long runs' },
  {
    slots: 0,
    meanRunMs: undefined,
    window: 1,
    why: 'no worker lives: something must stand there to wake one',
  },
])('admits $window to $slots slots: $why', ({ slots, meanRunMs, window }) => {
  expect(admissionWindow({ slots, meanRunMs })).toBe(window)
})

it('follows the runs of each queue for itself', () => {
  const pace = createPace()
  pace.ran('tag', 100)
  for (let run = 0; run < 100; run += 1) pace.ran('tag', 10)

  expect(pace.meanMs('tag')).toBeCloseTo(10, 1)
  expect(pace.meanMs('embed')).toBeUndefined()
})
