import type { Trx } from '@app/db'
import { sql } from 'kysely'
import type { JobRow } from './claim.ts'
import type { Subject } from './settle-subject.ts'

/** A job that ended because another did: who listens is told of it as of any other. */
export type EndedJob = Pick<JobRow, 'id' | 'type' | 'subject_kind' | 'subject_id' | 'parent_id'>

export interface Released {
  /** Something may run now that had to wait. */
  queued: boolean
  /** Parents that were completed with their last child, children before their own parents. */
  parents: readonly EndedJob[]
  /** What these parents, and the jobs that waited, are about. */
  subjects: readonly Subject[]
}

export type Waiting = EndedJob & Pick<JobRow, 'status' | 'waiting_on' | 'children_open'>

/**
 * Counts completed jobs off from what waits for them, in the transaction that completes them: dependants that wait for
 * nothing more are queued, and parents whose last child this was are completed, which in turn releases what waits for
 * those. Counters are decremented under the row's lock: of two last siblings that commit together the second sees the
 * first. Rows are locked children before parents, and in id order, so that siblings can't deadlock; `no
 * key`, for whoever writes a child twice in one transaction shares the lock on its parent's key.
 */
export async function release(trx: Trx, completed: readonly Completed[]): Promise<Released> {
  return await releaseBeyond(trx, completed, await countOffDependants(trx, completed))
}

type Completed = Pick<JobRow, 'id' | 'parent_id'>

/** The same where the dependants of these jobs have been counted off already. */
export async function releaseBeyond(
  trx: Trx,
  completed: readonly Completed[],
  dependants: readonly Waiting[],
): Promise<Released> {
  const waited: Waiting[] = []
  const parents: EndedJob[] = []
  for (let [done, counted] = [completed, dependants]; done.length > 0; ) {
    const parentIds = done.flatMap(({ parent_id }) => parent_id ?? [])
    const touched = [...counted, ...(await countOffChildren(trx, parentIds))]
    const finished = await completeParents(trx, touched.filter(hasNothingOpen))
    waited.push(...touched)
    parents.push(...finished)
    done = finished
    counted = await countOffDependants(trx, finished)
  }
  const subjects = waited.map(({ subject_kind, subject_id }) => ({ kind: subject_kind, id: subject_id }))
  return { queued: waited.some(({ status }) => status === 'queued'), parents, subjects }
}

async function countOffDependants(trx: Trx, completed: readonly Completed[]): Promise<readonly Waiting[]> {
  if (completed.length === 0) return []
  const ids = completed.map(({ id }) => id)
  const { rows } = await sql<Waiting>`select * from count_off_dependants(${ids}::uuid[])`.execute(trx)
  return rows
}

/** A parent that failed or was cancelled counts its children anew when it comes back. */
async function countOffChildren(trx: Trx, parentIds: readonly string[]): Promise<Waiting[]> {
  if (parentIds.length === 0) return []
  const { rows } = await sql<Waiting>`
    with child as (
      select id, count(*)::int as done from unnest(${parentIds}::uuid[]) as id group by id
    ), parent as (
      select job.id, done from processing_jobs job join child using (id)
      where job.id = any(${parentIds}::uuid[]) order by job.id for no key update of job
    )
    update processing_jobs job set children_open = greatest(children_open - done, 0)
    from parent where job.id = parent.id and job.id = any(${parentIds}::uuid[]) and job.status = 'waiting'
    returning job.id, type, subject_kind, subject_id, parent_id, status, waiting_on, children_open`.execute(
    trx,
  )
  return rows
}

const hasNothingOpen = ({ status, waiting_on, children_open }: Waiting): boolean =>
  status === 'waiting' && waiting_on === 0 && children_open === 0

/** Their rows are locked by this transaction already. */
async function completeParents(trx: Trx, parents: readonly Waiting[]): Promise<EndedJob[]> {
  if (parents.length === 0) return []
  return await trx
    .updateTable('processing_jobs')
    .set({ status: 'completed', progress: 1, completed_at: sql<Date>`now()` })
    .where(
      'id',
      'in',
      parents.map(({ id }) => id),
    )
    .where('status', '=', 'waiting')
    .returning(['id', 'type', 'subject_kind', 'subject_id', 'parent_id'])
    .execute()
}
