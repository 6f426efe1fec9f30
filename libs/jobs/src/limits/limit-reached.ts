import { PutOffError } from '@app/runtime'

/** The job's turn has not come: it goes back to `queued` until then, and holds no slot meanwhile. */
export class LimitReachedError extends PutOffError {
  constructor(waitingFor: string, waitMs: number) {
    super('limit-reached', `waits for ${waitingFor}`, { waitingFor, retryAfterMs: waitMs })
    this.name = 'LimitReachedError'
  }
}
