import { type Db, inTransaction, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { type EndedJob, release } from './release.ts'
import { settleSubjectsOf } from './settle-subject.ts'
import { orDuplicate } from './unique-jobs.ts'

const BATCH = 100

/** What a parent says of the child it fails for; further up it is still that child's. */
const REASON = sql`
  case when child.error_code in ('child-failed', 'child-cancelled') then child.error_code
    when child.status = 'cancelled' then 'child-cancelled' else 'child-failed' end as code,
  case when child.error_code in ('child-failed', 'child-cancelled') then child.error_message
    when child.status = 'cancelled' then child.type || ' ' || child.id || ' was cancelled'
    else child.type || ' ' || child.id || ' failed: ' || concat_ws(': ', child.error_code, child.error_message)
    end as message`

/**
 * Fails the parents of jobs that failed or were cancelled, and theirs, in the transaction that ended them; returns them.
 * Their other children go on: what those finish is there when the one is redriven.
 */
export async function failParents(trx: Trx, childIds: readonly string[]): Promise<EndedJob[]> {
  const failed: EndedJob[] = []
  for (let below = childIds; below.length > 0; ) {
    const parents = await failWaiting(trx, below)
    failed.push(...parents)
    below = parents.map(({ id }) => id)
  }
  return failed
}

/** A dependant that is `waiting` can only be a parent whose child belonged to somebody else already. */
async function failWaiting(trx: Trx, childIds: readonly string[]): Promise<EndedJob[]> {
  const { rows } = await sql<EndedJob>`
    with link (parent_id, child_id) as (
      select parent_id, id from processing_jobs where id = any(${childIds}::uuid[]) and parent_id is not null
      union
      select job_id, depends_on from job_dependencies where depends_on = any(${childIds}::uuid[])
    ), parent as (
      select job.id, link.child_id from processing_jobs job join link on link.parent_id = job.id
      where job.id = any(array(select parent_id from link)) and job.status = 'waiting'
      order by job.id for update of job
    ), blame as (
      select distinct on (parent.id) parent.id, ${REASON}
      from parent join processing_jobs child on child.id = parent.child_id
      where child.id = any(${childIds}::uuid[])
      order by parent.id, child.id
    )
    update processing_jobs job set
      status = 'failed', error_code = blame.code, error_message = blame.message, completed_at = now(),
      first_failed_at = coalesce(first_failed_at, now())
    from blame where job.id = blame.id and job.id = any(array(select id from blame)) and job.status = 'waiting'
    returning job.id, type, subject_kind, subject_id, parent_id`.execute(trx)
  return rows
}

/**
 * Takes the failed parents of a redriven job back to `waiting`, and theirs, unless another of their children has failed
 * or was cancelled: those name that one instead. Returns the ids of all that changed.
 * Errors: `job-wrong-state` where a parent was cancelled, `job-duplicate`.
 */
export async function reviveParents(trx: Trx, childId: string): Promise<string[]> {
  const changed: string[] = []
  for (let below = [childId]; below.length > 0; ) {
    const parents = await lockParents(trx, below)
    const revived: string[] = []
    for (const { id } of parents) {
      const other = await failedChildOf(trx, id)
      if (other) await blame(trx, id, other)
      else revived.push(await wait(trx, id))
    }
    changed.push(...parents.map(({ id }) => id))
    below = revived
  }
  return changed
}

async function lockParents(trx: Trx, childIds: readonly string[]): Promise<{ id: string }[]> {
  const { rows } = await sql<{ id: string; status: string }>`
    select id, status from processing_jobs
    where id = any(array(select parent_id from processing_jobs where id = any(${childIds}::uuid[])))
      or (status = 'failed' and waiting_on > 0
        and id = any(array(select job_id from job_dependencies where depends_on = any(${childIds}::uuid[]))))
    order by id for update`.execute(trx)
  const cancelled = rows.find(({ status }) => status === 'cancelled')
  if (cancelled)
    throw new FatalError('job-wrong-state', `its parent ${cancelled.id} was cancelled: retry that one`)
  return rows.filter(({ status }) => status === 'failed')
}

/** The id of a child of this parent, or of somebody else's that it waits for, that keeps it from going on. */
export async function failedChildOf(trx: Trx, parentId: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select id from processing_jobs
    where status in ('failed', 'cancelled') and (
      parent_id = ${parentId} or id = any(array(select depends_on from job_dependencies where job_id = ${parentId}))
    )
    order by id limit 1`.execute(trx)
  return rows[0]?.id
}

async function blame(trx: Trx, parentId: string, childId: string): Promise<void> {
  await sql`
    update processing_jobs set error_code = blame.code, error_message = blame.message
    from (select ${REASON} from processing_jobs child where id = ${childId}) blame
    where id = ${parentId}`.execute(trx)
}

/**
 * Takes a parent back to `waiting`; its row is locked already. The children are counted in a statement of its own,
 * begun after the lock: a child that completes meanwhile is either counted as done or counts itself off later.
 */
export async function wait(trx: Trx, parentId: string): Promise<string> {
  await sql`
    update processing_jobs set
      status = 'waiting', error_code = null, error_message = null, first_failed_at = null, completed_at = null,
      children_open = (
        select count(*) from processing_jobs child where child.parent_id = ${parentId} and child.status <> 'completed'
      )
    where id = ${parentId}`
    .execute(trx)
    .catch(orDuplicate)
  return parentId
}

/**
 * Puts parents right that wait in vain, their children having ended without a word: completes them, or fails them.
 * Returns how many. A bounded number at a time, each guarded, so any number of processes may do this at once.
 */
export async function settleParents(db: Db): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    select id from processing_jobs parent
    where status = 'waiting' and (${nothingOpen} or ${somethingFailed}) order by id limit ${BATCH}`.execute(
    db,
  )
  let settled = 0
  for (const { id } of rows) settled += (await inTransaction(db, (trx) => settleParent(trx, id))) ? 1 : 0
  return settled
}

/** Of `parent`: of its own children, and of those that it waits for by an edge. */
const childrenThat = (are: ReturnType<typeof sql>) => sql<boolean>`
  (exists (select from processing_jobs child where child.parent_id = parent.id and ${are})
  or exists (
    select from job_dependencies edge join processing_jobs child on child.id = edge.depends_on
    where edge.job_id = parent.id and ${are}
  ))`
const nothingOpen = sql<boolean>`not ${childrenThat(sql`child.status <> 'completed'`)}`
const somethingFailed = childrenThat(sql`child.status in ('failed', 'cancelled')`)

async function settleParent(trx: Trx, parentId: string): Promise<boolean> {
  const locked = await trx
    .selectFrom('processing_jobs')
    .select('id')
    .where('id', '=', parentId)
    .where('status', '=', 'waiting')
    .forUpdate()
    .executeTakeFirst()
  if (!locked) return false
  const failed = await failedChildOf(trx, parentId)
  const ended = failed ? await failParents(trx, [failed]) : await completeFinished(trx, parentId)
  await settleSubjectsOf(trx, [parentId, ...ended.map(({ id }) => id)])
  return ended.length > 0
}

async function completeFinished(trx: Trx, parentId: string): Promise<readonly EndedJob[]> {
  const { rows } = await sql<EndedJob>`
    update processing_jobs parent set
      status = 'completed', progress = 1, completed_at = now(), children_open = 0, waiting_on = 0
    where id = ${parentId} and status = 'waiting' and ${nothingOpen}
    returning id, type, subject_kind, subject_id, parent_id`.execute(trx)
  const { parents } = await release(trx, rows)
  return [...rows, ...parents]
}
