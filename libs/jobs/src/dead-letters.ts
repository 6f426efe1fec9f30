import type { Db } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'

export interface DeadLetter {
  id: string
  jobId: string
  jobType: string
  queue: string
  errorCode: string
  fingerprint: string
  message: string
  attempts: number
  crashes: number
  workerId: string | null
  diedAt: Date
}

/** Dead letters that nobody has dealt with, oldest first. */
export async function openDeadLetters(
  db: Db,
  filter: { queue?: string; limit?: number } = {},
): Promise<DeadLetter[]> {
  return await db
    .selectFrom('dead_letters')
    .select([
      'id',
      'job_id as jobId',
      'job_type as jobType',
      'queue',
      'error_code as errorCode',
      'fingerprint',
      'message',
      'attempts',
      'crashes',
      'worker_id as workerId',
      'died_at as diedAt',
    ])
    .where('resolution', 'is', null)
    .$if(filter.queue !== undefined, (query) => query.where('queue', '=', filter.queue ?? ''))
    .orderBy('died_at')
    .limit(filter.limit ?? 1_000)
    .execute()
}

/** Says that this dead letter will not be run again, and why. The job stays `failed`. Error: `dead-letter-not-found`. */
export async function discardDeadLetter(
  db: Db,
  id: string,
  by: { who: string; reason: string },
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('dead_letters')
    .set({ resolution: 'discarded', resolved_at: sql<Date>`now()`, resolved_by: by.who, reason: by.reason })
    .where('id', '=', id)
    .where('resolution', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n)
    throw new FatalError('dead-letter-not-found', `there is no open dead letter ${id}`)
}
