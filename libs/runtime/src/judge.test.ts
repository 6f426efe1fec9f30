import { expect, it } from 'vitest'
import { FatalError, RetryLaterError } from './errors.ts'
import { judge } from './judge.ts'

it('makes a fatal error a dead letter on the first attempt, with its code as the reason', () => {
  expect(judge(new FatalError('media-unreadable', 'x'), 1, 3)).toEqual({
    kind: 'dead-letter',
    reason: 'media-unreadable',
  })
})

it('snoozes what asks to be tried later, even on the last attempt', () => {
  const error = new RetryLaterError('llm-rate-limited', 'x', { retryAfterMs: 30_000 })

  expect(judge(error, 3, 3)).toEqual({ kind: 'snooze', delayMs: 30_000 })
})

it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
  'replaces a retry-after of %d by one second',
  (retryAfterMs) => {
    const error = new RetryLaterError('llm-rate-limited', 'x', { retryAfterMs })

    expect(judge(error, 1, 3)).toEqual({ kind: 'snooze', delayMs: 1000 })
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
  expect(judge(new Error('x'), attempt, 3000)).toEqual({ kind: 'retry', maxDelayMs })
})

it('gives up when the attempts are used up', () => {
  expect(judge('not even an error', 3, 3)).toEqual({ kind: 'dead-letter', reason: 'attempts-exhausted' })
})
