import { type Db, inTransaction, type Trx } from '@app/db'
import { sql } from 'kysely'
import { type Children, insertChildren } from './children.ts'
import { type Released, release } from './release.ts'
import { type Run, stillMine } from './run.ts'
import { settleSubjects } from './settle-subject.ts'

/** Thrown inside a transaction to undo it: this run no longer owns its job. */
export class FenceLostError extends Error {
  readonly code = 'job-fence-lost'

  constructor(jobId: string) {
    super(`job ${jobId} is no longer this run's`)
    this.name = 'FenceLostError'
  }
}

/** What a run's commit came to. */
export type Committed = Pick<Released, 'queued' | 'parents'> & {
  /** The job has children now, and is completed when they are. */
  waits: boolean
}

type Save = (trx: Trx) => Promise<unknown>

/**
 * Result rows, completion and the release of what waited: one transaction, whose first statement is the fenced
 * update, so that a run that was taken over writes nothing. A job with children becomes `waiting` instead, and what
 * waits for it goes on waiting; it will not run again, so that its steps go in either case.
 */
export async function completeJob(db: Db, run: Run, save: Save, children?: Children): Promise<Committed> {
  const waits = children !== undefined && children.planned.length > 0
  return await inTransaction(db, async (trx) => {
    const job = await trx
      .updateTable('processing_jobs')
      .set({
        ...(waits
          ? { status: 'waiting' }
          : { status: 'completed', progress: 1, completed_at: sql<Date>`now()` }),
        stage: null,
        submitted_result: null,
        error_code: null,
        error_message: null,
      })
      .where(stillMine(run))
      .returning(['id', 'parent_id'])
      .executeTakeFirst()
    if (!job) throw new FenceLostError(run.jobId)

    const output = JSON.stringify((await save(trx)) ?? null)
    await trx
      .with('forgotten', (cte) => cte.deleteFrom('job_steps').where('job_id', '=', run.jobId))
      .updateTable('processing_jobs')
      .set({ output })
      .where('id', '=', run.jobId)
      .execute()
    if (waits) await insertChildren(trx, run.jobId, children)
    const { queued, parents, subjects } = waits ? NOTHING_YET : await release(trx, [job])
    const told = await settleSubjects(trx, [{ kind: run.subjectKind, id: run.subjectId }, ...subjects])
    return { waits, queued: queued || told, parents }
  })
}

/** Of a job that has just begun to wait. Its children may run at once. */
const NOTHING_YET: Released = { queued: true, parents: [], subjects: [] }

/**
 * After a commit whose answer was lost: was it this very run's? A child that ended since may have moved the job on.
 * What it released may have gone unnoticed.
 */
export async function committedByThisRun(db: Db, run: Run): Promise<Committed | undefined> {
  const { rows } = await sql<{ waits: boolean }>`
    select status <> 'completed' as waits from processing_jobs job
    where id = ${run.jobId} and fence = ${run.fence} and (
      status in ('completed', 'waiting') or exists (select from processing_jobs where parent_id = job.id)
    )`.execute(db)
  return rows[0] && { waits: rows[0].waits, queued: true, parents: [] }
}
