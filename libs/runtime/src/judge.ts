import { FatalError, RetryLaterError } from './errors.ts'

const FIRST_RETRY_MS = 1000
const MAX_RETRY_MS = 60_000

export type Verdict =
  | { kind: 'dead-letter'; reason: string }
  | { kind: 'snooze'; delayMs: number }
  /** The shell draws the delay from 0 to `maxDelayMs`: full jitter, so that a failed crowd doesn't return as one. */
  | { kind: 'retry'; maxDelayMs: number }

/**
 * What becomes of a job whose run failed. `attempt` counts from 1 and includes the run that just failed.
 * Anything unmarked is retried: we cannot know that a plain Error is permanent.
 */
export function judge(error: unknown, attempt: number, maxAttempts: number): Verdict {
  if (error instanceof FatalError) return { kind: 'dead-letter', reason: error.code }
  if (error instanceof RetryLaterError) return { kind: 'snooze', delayMs: delayOf(error) }
  if (attempt >= maxAttempts) return { kind: 'dead-letter', reason: 'attempts-exhausted' }
  return { kind: 'retry', maxDelayMs: Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), MAX_RETRY_MS) }
}

/** A Retry-After that was parsed into nonsense must not become an invalid date in the row. */
function delayOf({ retryAfterMs }: RetryLaterError): number {
  return retryAfterMs >= 0 && Number.isFinite(retryAfterMs) ? retryAfterMs : FIRST_RETRY_MS
}
