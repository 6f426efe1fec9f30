import type { Db, Trx } from '@app/db'

/** What an operator did: a fact in the past tense, to one thing. */
export interface Act {
  who: string
  action:
    | 'api-key-made'
    | 'api-key-revoked'
    | 'book-cancelled'
    | 'clip-cancelled'
    | 'clip-retried'
    | 'dead-letters-discarded'
    | 'job-cancelled'
    | 'job-redriven'
    | 'owner-budget-set'
    | 'queue-drained'
    | 'queue-paused'
    | 'queue-resumed'
    | 'redrive-started'
    | 'redrive-stopped'
  /** Kind and name, such as `queue transcribe`. */
  subject: string
  details?: Record<string, unknown>
}

/** Writes down who did what, in the transaction that does it: neither is there without the other. */
export async function recordAct(trx: Trx | Db, { who, action, subject, details = {} }: Act): Promise<void> {
  await trx
    .insertInto('audit_log')
    .values({ who, action, subject, details: JSON.stringify(details) })
    .execute()
}
