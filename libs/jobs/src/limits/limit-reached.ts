import { RetryLaterError } from '@app/runtime'

/**
 * The job's turn has not come. It goes back to `queued` until then: no slot, no attempt, and no age at which it is
 * given up, because it is we who make it wait.
 */
export class LimitReachedError extends RetryLaterError {
  /** The limit's name, such as `rate:openai/gpt-x`. */
  readonly waitingFor: string

  constructor(waitingFor: string, waitMs: number) {
    super('limit-reached', `waits for ${waitingFor}`, { retryAfterMs: waitMs })
    this.name = 'LimitReachedError'
    this.waitingFor = waitingFor
  }
}
