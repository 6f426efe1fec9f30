import type { Db, Trx } from '@app/db'
import { sql } from 'kysely'

/**
 * Lets a job come now that was put off with this code, as somebody has told that what it waits for is there. Jobs that
 * wait for something else, run, or have ended are left alone. Returns whether it was put off.
 */
export async function wakeJob(db: Db | Trx, jobId: string, code: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('processing_jobs')
    .set({ run_at: sql<Date>`now()` })
    .where('id', '=', jobId)
    .where('status', '=', 'queued')
    .where('error_code', '=', code)
    .where('hold_reason', 'is', null)
    .where('waiting_for', 'is', null)
    .where('run_at', '>', sql<Date>`now()`)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/**
 * The same for a job that somebody wants begun anew: it may be put off for as long as if it had never run. Before that
 * its queued row must be locked.
 */
export async function wakeAnew(trx: Trx, jobId: string, code: string): Promise<boolean> {
  await trx
    .updateTable('processing_jobs')
    .set({ started_at: null })
    .where('id', '=', jobId)
    .where('status', '=', 'queued')
    .execute()
  return await wakeJob(trx, jobId, code)
}
