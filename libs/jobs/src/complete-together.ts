import { type Db, inTransaction, type Trx } from '@app/db'
import { createBatches } from '@app/runtime'
import { sql } from 'kysely'
import { releaseDependants } from './complete.ts'
import type { Run } from './run.ts'
import { settleSubject } from './settle-subject.ts'

interface Completion {
  run: Run
  output: unknown
}

/** What a completion came to: not this run's job any more, done, or done and something was released by it. */
export type Completed = 'lost' | 'done' | 'released'

/**
 * Completes jobs that have no rows of their own to save: one transaction for all that finished during the last one.
 * Each is fenced for itself: one that was taken over changes nothing, and holds up no other.
 */
export function completions(db: Db): (completion: Completion) => Promise<Completed> {
  return createBatches((batch: readonly Completion[]) => completeTogether(db, batch))
}

async function completeTogether(db: Db, batch: readonly Completion[]): Promise<Completed[]> {
  return await inTransaction(db, async (trx) => {
    const completed = await markCompleted(trx, batch)
    const released = completed.size > 0 && (await releaseDependants(trx, [...completed]))
    const subjects = batch.filter(({ run }) => completed.has(run.jobId)).map(({ run }) => run)
    for (const { subjectKind, subjectId } of inIdOrder(subjects))
      await settleSubject(trx, subjectKind, subjectId)
    return batch.map(({ run }) => (completed.has(run.jobId) ? (released ? 'released' : 'done') : 'lost'))
  })
}

/** In id order, like everything that locks several jobs. */
async function markCompleted(trx: Trx, batch: readonly Completion[]): Promise<Set<string>> {
  const runs = batch.map(({ run, output }) => ({ id: run.jobId, fence: run.fence, output }))
  const { rows } = await sql<{ id: string }>`
    with mine as (
      select job.id, done.output
      from processing_jobs job
      join jsonb_to_recordset(${JSON.stringify(runs)}::jsonb) as done (id uuid, fence int, output jsonb) using (id)
      where job.id = any(${runs.map(({ id }) => id)}::uuid[])
        and job.status = 'running' and job.fence = done.fence
      order by job.id for update of job
    ), forgotten as (
      delete from job_steps using mine where job_steps.job_id = mine.id
    )
    update processing_jobs job set
      status = 'completed', output = mine.output, progress = 1, stage = null, submitted_result = null,
      error_code = null, error_message = null, completed_at = now()
    from mine where job.id = mine.id and job.id = any(array(select id from mine))
    returning job.id`.execute(trx)
  return new Set(rows.map((row) => row.id))
}

function inIdOrder(subjects: readonly Run[]): Run[] {
  const once = new Map(subjects.map((subject) => [subject.subjectId, subject]))
  return [...once.values()].sort((a, b) => (a.subjectId < b.subjectId ? -1 : 1))
}
