import { errorMessage, FatalError, type Logger, RetryLaterError } from '@app/runtime'
import { FAILURES, type FailureCode } from './plan/failures.ts'

/** A clip that could not be fetched this time, and may be the next. */
export class DownloadError extends Error {
  readonly code: FailureCode

  constructor(code: FailureCode) {
    super(FAILURES[code].sentence)
    this.name = 'DownloadError'
    this.code = code
  }
}

/**
 * The error for a class of failures, as the runtime acts on it: final, put off, or tried again. Its message is for the
 * user; what a tool said goes to the log, and not into a cause, which would be part of the message.
 */
export function downloadFailure(code: FailureCode): FatalError | RetryLaterError | DownloadError {
  const { sentence, remedy, ...failure } = FAILURES[code]
  if (remedy === 'final') return new FatalError(code, sentence)
  if (remedy === 'again') return new DownloadError(code)
  const retryAfterMs = 'retryAfterMs' in failure ? failure.retryAfterMs : 0
  return new RetryLaterError(code, sentence, { retryAfterMs })
}

/** A full disk that a tool or a system call told of, in our words; every other error as it is. */
export function diskFullForUsers(thrown: unknown, log: Pick<Logger, 'warn'>): unknown {
  if (!(thrown instanceof RetryLaterError) || thrown.code !== 'disk_full' || thrown.cause === undefined)
    return thrown
  log.warn({ reason: errorMessage(thrown) }, 'the disk is full')
  return downloadFailure('disk_full')
}
