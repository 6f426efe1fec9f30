import type { JobStatus } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { sql } from 'kysely'
import { type Run, stillMine } from './run.ts'
import { settleSubject } from './settle-subject.ts'

/** Thrown inside a transaction to undo it: this run no longer owns its job. */
export class FenceLostError extends Error {
  readonly code = 'job-fence-lost'

  constructor(jobId: string) {
    super(`job ${jobId} is no longer this run's`)
    this.name = 'FenceLostError'
  }
}

/**
 * Result rows, completion and the release of what waited: one transaction, whose first statement is the fenced
 * update, so that a run that was taken over writes nothing. Returns whether anything was released.
 */
export async function completeJob(db: Db, run: Run, save: (trx: Trx) => Promise<unknown>): Promise<boolean> {
  return await inTransaction(db, async (trx) => {
    const completed = await trx
      .updateTable('processing_jobs')
      .set({
        status: 'completed',
        progress: 1,
        stage: null,
        submitted_result: null,
        error_code: null,
        error_message: null,
        completed_at: sql<Date>`now()`,
      })
      .where(stillMine(run))
      .executeTakeFirst()
    if (completed.numUpdatedRows === 0n) throw new FenceLostError(run.jobId)

    const output = JSON.stringify(await save(trx))
    await trx
      .with('forgotten', (cte) => cte.deleteFrom('job_steps').where('job_id', '=', run.jobId))
      .updateTable('processing_jobs')
      .set({ output })
      .where('id', '=', run.jobId)
      .execute()
    const released = await releaseDependants(trx, [run.jobId])
    await settleSubject(trx, run.subjectKind, run.subjectId)
    return released
  })
}

/**
 * Counts these jobs off from what waits for them, and queues what waits for nothing more; returns whether anything was.
 * Locks in id order: two siblings that release the same jobs can't deadlock.
 */
export async function releaseDependants(trx: Trx, jobIds: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ status: JobStatus }>`
    with edge as (
      select job_id as id, count(*)::int as done from job_dependencies
      where depends_on = any(${jobIds}::uuid[]) group by job_id
    ), waiting as (
      select job.id, done from processing_jobs job join edge using (id)
      where job.id = any(array(select id from edge)) order by job.id for update of job
    )
    update processing_jobs job set
      waiting_on = waiting_on - done,
      status = case when status = 'pending' and waiting_on = done then 'queued' else status end,
      run_at = case when status = 'pending' and waiting_on = done then now() else run_at end
    from waiting where job.id = waiting.id and job.id = any(array(select id from waiting))
    returning status`.execute(trx)
  return rows.some((row) => row.status === 'queued')
}

/** After a commit whose answer was lost: did this very run complete the job? */
export async function completedByThisRun(db: Db, run: Run): Promise<boolean> {
  const row = await db
    .selectFrom('processing_jobs')
    .select('id')
    .where('id', '=', run.jobId)
    .where('status', '=', 'completed')
    .where('fence', '=', run.fence)
    .executeTakeFirst()
  return row !== undefined
}
