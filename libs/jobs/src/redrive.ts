import { type Db, inTransaction, sqlState, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from './audit.ts'
import { whyNot } from './cancel.ts'
import { settleSubject } from './settle-subject.ts'

/**
 * Gives a failed or cancelled job a new life with all its attempts; what waits for it goes on from there. Its open
 * dead letters are marked as redriven by `who`. Errors: `job-not-found`, `job-wrong-state`,
 * `job-duplicate`.
 */
export async function redriveJob(db: Db, jobId: string, who: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    await redriveInside(trx, jobId, { who })
    await recordAct(trx, { who, action: 'job-redriven', subject: `job ${jobId}` })
  })
}

/** The same inside a transaction of the caller's, who says on whose behalf, and as part of which redrive of many. */
export async function redriveInside(
  trx: Trx,
  jobId: string,
  { who, redriveId = null }: { who: string; redriveId?: string | null },
): Promise<void> {
  const job = await trx
    .updateTable('processing_jobs')
    .set({
      // Cancelled before its turn came: it waits again.
      status: sql`case when waiting_on > 0 then 'pending' else 'queued' end`,
      fence: sql<number>`fence + 1`,
      attempts: 0,
      crashes: 0,
      crashes_alone: 0,
      snoozes: 0,
      progress: 0,
      submitted_result: null,
      worker_id: null,
      entry_id: null,
      run_at: sql<Date>`now()`,
      dispatch_after: null,
      dispatched_at: null,
      first_failed_at: null,
      started_at: null,
      completed_at: null,
    })
    .where('id', '=', jobId)
    .where('status', 'in', ['failed', 'cancelled'])
    .returning(['subject_kind', 'subject_id'])
    .executeTakeFirst()
    .catch(orDuplicate)
  if (!job) throw await whyNot(trx, jobId, 'retried')
  await trx
    .updateTable('dead_letters')
    .set({ resolution: 'redriven', resolved_at: sql<Date>`now()`, resolved_by: who, redrive_id: redriveId })
    .where('job_id', '=', jobId)
    .where('resolution', 'is', null)
    .execute()
  await settleSubject(trx, job.subject_kind, job.subject_id)
}

const UNIQUE_VIOLATION = '23505'

function orDuplicate(error: unknown): never {
  if (sqlState(error) !== UNIQUE_VIOLATION) throw error
  throw new FatalError('job-duplicate', 'another job with the same unique key is at it', { cause: error })
}
