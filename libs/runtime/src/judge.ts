import { FatalError, RetryLaterError } from './errors.ts'

/** After a delay that makes no sense. */
const SOON_MS = 1_000

export type Verdict =
  | { kind: 'dead-letter'; reason: string }
  | { kind: 'snooze'; delayMs: number }
  /** The shell draws the delay from 0 to `maxDelayMs`: full jitter, so that a failed crowd doesn't return as one. */
  | { kind: 'retry'; maxDelayMs: number }

/** What a job type says about being tried again. */
export interface RetryPolicy {
  firstRetryMs: number
  mostRetryMs: number
  /** A job that is put off is given up this long after its first run. */
  mostSnoozeAgeMs: number
}

export interface FailedRun {
  /** Counts from 1 and includes the run that just failed. */
  attempt: number
  maxAttempts: number
  /** Since the job's first run. */
  ageMs: number
}

/**
 * What becomes of a job whose run failed. Anything unmarked is retried: we cannot know that a plain Error is
 * permanent. Being put off costs no attempt, so that age is what ends it.
 */
export function judge(error: unknown, run: FailedRun, policy: RetryPolicy): Verdict {
  if (error instanceof FatalError) return { kind: 'dead-letter', reason: error.code }
  if (error instanceof RetryLaterError) {
    if (run.ageMs > policy.mostSnoozeAgeMs) return { kind: 'dead-letter', reason: 'put-off-too-long' }
    return { kind: 'snooze', delayMs: delayOf(error, policy) }
  }
  if (run.attempt >= run.maxAttempts) return { kind: 'dead-letter', reason: 'attempts-exhausted' }
  return {
    kind: 'retry',
    maxDelayMs: Math.min(policy.firstRetryMs * 2 ** (run.attempt - 1), policy.mostRetryMs),
  }
}

/** A Retry-After of nonsense must not become an invalid date in the row, nor one of years a job that nobody sees again. */
function delayOf({ retryAfterMs }: RetryLaterError, { mostSnoozeAgeMs }: RetryPolicy): number {
  const isNonsense = retryAfterMs < 0 || !Number.isFinite(retryAfterMs)
  return isNonsense ? SOON_MS : Math.min(retryAfterMs, mostSnoozeAgeMs)
}
