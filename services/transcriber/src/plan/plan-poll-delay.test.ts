import { describe, expect, it } from 'vitest'
import { planPollDelay } from './plan-poll-delay.ts'

describe('planPollDelay', () => {
  it.each([
    [0, 5_000],
    [30_000, 10_000],
    [6 * 60_000, 120_000],
    [6 * 3_600_000, 5 * 60_000],
  ])('asks again %i ms after the submission in %i ms', (sinceMs, delayMs) => {
    expect(planPollDelay({ sinceMs, isTold: false })).toBe(delayMs)
  })

  it('asks less often where it is told, for then it only makes up for lost messages', () => {
    expect(planPollDelay({ sinceMs: 6 * 3_600_000, isTold: true })).toBe(15 * 60_000)
  })

  it('is not confused by a clock that was set back', () => {
    expect(planPollDelay({ sinceMs: -60_000, isTold: false })).toBe(5_000)
  })
})
