import { expect, it } from 'vitest'
import { FatalError, RetryLaterError } from './errors.ts'
import { judge } from './judge.ts'

const policy = { firstRetryMs: 1_000, mostRetryMs: 60_000, mostSnoozeAgeMs: 3_600_000 }
const run = (attempt: number, ageMs = 0) => ({ attempt, maxAttempts: 3, ageMs })
const later = (retryAfterMs: number) => new RetryLaterError('llm-rate-limited', 'x', { retryAfterMs })

it('makes a fatal error a dead letter on the first attempt, with its code as the reason', () => {
  expect(judge(new FatalError('media-unreadable', 'x'), run(1), policy)).toEqual({
    kind: 'dead-letter',
    reason: 'media-unreadable',
  })
})

it('snoozes what asks to be tried later, even on the last attempt', () => {
  expect(judge(later(30_000), run(3), policy)).toEqual({ kind: 'snooze', delayMs: 30_000 })
})

it("gives up what is still put off at its type's greatest age, and not before", () => {
  expect(judge(later(30_000), run(1, 3_600_000), policy)).toEqual({ kind: 'snooze', delayMs: 30_000 })
  expect(judge(later(30_000), run(1, 3_600_001), policy)).toEqual({
    kind: 'dead-letter',
    reason: 'put-off-too-long',
  })
})

it('puts nothing off for longer than its type may be put off at all', () => {
  expect(judge(later(1e18), run(1), policy)).toEqual({ kind: 'snooze', delayMs: 3_600_000 })
})

it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
  'replaces a retry-after of %d by one second',
  (retryAfterMs) => {
    expect(judge(later(retryAfterMs), run(1), policy)).toEqual({ kind: 'snooze', delayMs: 1000 })
  },
)

it.each([
  [1, 1000],
  [2, 2000],
  [3, 4000],
  [6, 32_000],
  [7, 60_000],
  [2000, 60_000],
])('retries an unmarked error: after attempt %d within %d ms', (attempt, maxDelayMs) => {
  const many = { ...run(attempt), maxAttempts: 3000 }

  expect(judge(new Error('x'), many, policy)).toEqual({ kind: 'retry', maxDelayMs })
})

it('begins and ends where the job type says', () => {
  const patient = { ...policy, firstRetryMs: 10_000, mostRetryMs: 15_000 }

  expect(judge(new Error('x'), run(1), patient)).toEqual({ kind: 'retry', maxDelayMs: 10_000 })
  expect(judge(new Error('x'), run(2), patient)).toEqual({ kind: 'retry', maxDelayMs: 15_000 })
})

it('gives up when the attempts are used up', () => {
  expect(judge('not even an error', run(3), policy)).toEqual({
    kind: 'dead-letter',
    reason: 'attempts-exhausted',
  })
})
