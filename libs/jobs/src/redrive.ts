import { type Db, inTransaction, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from './audit.ts'
import { wrongState } from './cancel.ts'
import { type FamilyMember, lockFamily } from './family.ts'
import { jobNotFound } from './job-not-found.ts'
import { failedChildOf, reviveParents, wait } from './parents.ts'
import { settleSubjectsOf } from './settle-subject.ts'
import { orDuplicate } from './unique-jobs.ts'

/**
 * Gives a failed or cancelled job a new life with all its attempts; what waits for it goes on from there. A parent does
 * not run again: those of its children that failed or were cancelled are redriven, and it waits for them. A child takes
 * its failed parent back to `waiting`. Open dead letters are marked as redriven by `who`. Errors: `job-not-found`,
 * `job-wrong-state`, `job-duplicate`.
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
  const family = await lockFamily(trx, sql`id = ${jobId}`)
  const root = family.find(({ id }) => id === jobId)
  if (!root) throw jobNotFound(jobId)
  if (!hasEndedBadly(root)) throw wrongState(root.status, 'retried')
  const childrenOf = Map.groupBy(family, ({ parent_id }) => parent_id)
  const [parents, others] = split(toRedrive(root, childrenOf), ({ id }) => childrenOf.has(id))
  await queueAgain(trx, others.map(idOf))
  for (const { id } of parents) await waitAgain(trx, id)
  const above = await reviveParents(trx, jobId)
  await trx
    .updateTable('dead_letters')
    .set({ resolution: 'redriven', resolved_at: sql<Date>`now()`, resolved_by: who, redrive_id: redriveId })
    .where('job_id', 'in', [...others, ...parents].map(idOf))
    .where('resolution', 'is', null)
    .execute()
  await settleSubjectsOf(trx, [...[...others, ...parents].map(idOf), ...above])
}

const idOf = ({ id }: FamilyMember): string => id

const hasEndedBadly = ({ status }: FamilyMember): boolean => status === 'failed' || status === 'cancelled'

/** Children before their parents, which count them. */
function toRedrive(
  job: FamilyMember,
  childrenOf: ReadonlyMap<string | null, readonly FamilyMember[]>,
): FamilyMember[] {
  const children = childrenOf.get(job.id)?.filter(hasEndedBadly) ?? []
  return [...children.flatMap((child) => toRedrive(child, childrenOf)), job]
}

function split<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))]
}

async function queueAgain(trx: Trx, jobIds: readonly string[]): Promise<void> {
  if (jobIds.length === 0) return
  await trx
    .updateTable('processing_jobs')
    .set({
      // Cancelled before its turn came: it waits again.
      status: sql`case when waiting_on > 0 then 'pending' else 'queued' end`,
      fence: sql<number>`fence + 1`,
      attempts: 0,
      crashes: 0,
      crashes_alone: 0,
      snoozes: 0,
      hand_backs: 0,
      progress: 0,
      submitted_result: null,
      worker_id: null,
      entry_id: null,
      run_at: sql<Date>`now()`,
      dispatch_after: null,
      dispatched_at: null,
      hold_reason: null,
      waiting_for: null,
      first_failed_at: null,
      started_at: null,
      completed_at: null,
    })
    .where('id', 'in', jobIds)
    .execute()
    .catch(orDuplicate)
}

async function waitAgain(trx: Trx, parentId: string): Promise<void> {
  await wait(trx, parentId)
  // Its own children are on their way again: what is left is somebody else's, for whom this is not to decide.
  const other = await failedChildOf(trx, parentId)
  if (other) throw new FatalError('job-wrong-state', `it also waits for job ${other}: retry that one`)
}
