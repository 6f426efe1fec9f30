import { type Db, inTransaction, type Trx } from '@app/db'
import { sql } from 'kysely'
import type { JobRow } from './claim.ts'
import type { Committed } from './complete.ts'
import { releaseBeyond, type Waiting } from './release.ts'
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
    const { completed, dependants } = await complete(trx, batch)
    const { queued, parents, subjects } = await releaseBeyond(trx, [...completed.values()], dependants)
    const own = batch.filter(({ run }) => completed.has(run.jobId)).map(({ run }) => run)
    const more = await settleSubjects(trx, [...own.map(subjectOf), ...subjects])
    // One of them tells of the parents: nobody can say which one's they were.
    const told = own[0]
    return batch.map(({ run }) =>
      completed.has(run.jobId)
        ? { waits: false, queued: queued || more, parents: run === told ? parents : [] }
        : undefined,
    )
  })
}

const subjectOf = ({ subjectKind, subjectId }: Run) => ({ kind: subjectKind, id: subjectId })

type Touched = Waiting & Pick<JobRow, 'id' | 'parent_id'>

async function complete(
  trx: Trx,
  batch: readonly Completion[],
): Promise<{ completed: Map<string, Touched>; dependants: Touched[] }> {
  const runs = batch.map(({ run, output }) => ({ id: run.jobId, fence: run.fence, output }))
  const { rows } = await sql<Touched>`
    select id, type, subject_kind, subject_id, parent_id, status, waiting_on, children_open
    from complete_jobs(${JSON.stringify(runs)}::jsonb)`.execute(trx)
  // Not by their ids: a zombie's job may wait again by now, for one that is completed here.
  const completed = rows.filter(({ status }) => status === 'completed')
  const dependants = rows.filter(({ status }) => status !== 'completed')
  return { completed: new Map(completed.map((row) => [row.id, row])), dependants }
}
