import { type Db, inTransaction, type Trx } from '@app/db'
import { sql } from 'kysely'
import type { JobRow } from './claim.ts'
import type { Committed } from './complete.ts'
import { release } from './release.ts'
import type { Run } from './run.ts'
import { settleSubjects } from './settle-subject.ts'

export interface Completion {
  run: Run
  output: unknown
}

/** What became of a completion; undefined where the job is not this run's any more. */
type Answer = Committed | undefined

/**
 * Completes jobs that have no rows of their own to save, in one transaction. Each is fenced for itself: one that was
 * taken over changes nothing, and holds up no other.
 */
export async function completeTogether(db: Db, batch: readonly Completion[]): Promise<Answer[]> {
  return await inTransaction(db, async (trx) => {
    const completed = await markCompleted(trx, batch)
    const { queued, parents, subjects } = await release(trx, [...completed.values()])
    const own = batch.filter(({ run }) => completed.has(run.jobId)).map(({ run }) => run)
    await settleSubjects(trx, [...own.map(subjectOf), ...subjects])
    // One of them tells of the parents: nobody can say which one's they were.
    const told = own[0]
    return batch.map(({ run }) =>
      completed.has(run.jobId) ? { waits: false, queued, parents: run === told ? parents : [] } : undefined,
    )
  })
}

const subjectOf = ({ subjectKind, subjectId }: Run) => ({ kind: subjectKind, id: subjectId })

type CompletedJob = Pick<JobRow, 'id' | 'parent_id'>

/** In id order, like everything that locks several jobs. */
async function markCompleted(trx: Trx, batch: readonly Completion[]): Promise<Map<string, CompletedJob>> {
  const runs = batch.map(({ run, output }) => ({ id: run.jobId, fence: run.fence, output }))
  const { rows } = await sql<CompletedJob>`
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
    returning job.id, job.parent_id`.execute(trx)
  return new Map(rows.map((row) => [row.id, row]))
}
