import { type Db, inTransaction, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from '../audit.ts'
import { type DeadLetterFilter, meantBy, resolvedAlready } from './dead-letters.ts'

export interface DiscardBy {
  who: string
  /** Whoever looks later asks. */
  reason: string
}

/**
 * Says that this dead letter will not be run again, and why. The job stays `failed`.
 * Errors: `dead-letter-not-found`, `dead-letter-resolved`.
 */
export async function discardDeadLetter(db: Db, id: string, by: DiscardBy): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('dead_letters')
      .set(discardedBy(by))
      .where('id', '=', id)
      .where('resolution', 'is', null)
      .executeTakeFirst()
    if (numUpdatedRows === 0n) throw await whyNotDiscarded(trx, id)
    const [subject, details] = [`dead letter ${id}`, { reason: by.reason }]
    await recordAct(trx, { who: by.who, action: 'dead-letters-discarded', subject, details })
  })
}

/** The same for all open ones that the filter means, in one transaction; returns how many. */
export async function discardDeadLetters(db: Db, filter: DeadLetterFilter, by: DiscardBy): Promise<number> {
  return await inTransaction(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('dead_letters')
      .set(discardedBy(by))
      .where('id', 'in', (eb) =>
        eb.selectFrom('dead_letters').select('id').where(meantBy(filter)).orderBy('id').forUpdate(),
      )
      .executeTakeFirst()
    const details = { ...filter, reason: by.reason, count: Number(numUpdatedRows) }
    if (numUpdatedRows > 0n) {
      const act = { action: 'dead-letters-discarded', subject: 'dead letters', details } as const
      await recordAct(trx, { who: by.who, ...act })
    }
    return Number(numUpdatedRows)
  })
}

const discardedBy = ({ who, reason }: DiscardBy) => ({
  resolution: 'discarded' as const,
  resolved_at: sql<Date>`now()`,
  resolved_by: who,
  reason,
})

async function whyNotDiscarded(trx: Trx, id: string): Promise<FatalError> {
  const letter = await trx
    .selectFrom('dead_letters')
    .select(['id', 'resolution', 'resolved_by as resolvedBy'])
    .where('id', '=', id)
    .executeTakeFirst()
  return letter
    ? resolvedAlready(letter)
    : new FatalError('dead-letter-not-found', `there is no dead letter ${id}`)
}
