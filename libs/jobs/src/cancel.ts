import type { Bus } from '@app/bus'
import type { JobStatus } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from './audit.ts'
import { type FamilyMember, lockFamily } from './family.ts'
import { jobNotFound } from './job-not-found.ts'
import { failParents } from './parents.ts'
import { settleSubjectsOf } from './settle-subject.ts'

export interface Servers {
  db: Db
  /** Undefined where Redis can not be reached: hints are left out. */
  bus: Bus | undefined
}

/**
 * Cancels a job that has not ended, with all its open descendants; what they would still write hits no row from here
 * on. A parent of a cancelled job fails for it, as it would for a failed one. The workers are told at once by
 * `announceCancelled`, and find out by their own beat where that is lost. `who` stands in the audit log.
 * Errors: `job-not-found`, `job-wrong-state`.
 */
export async function cancelJob({ db, bus }: Servers, jobId: string, who: string): Promise<void> {
  const cancelled = await inTransaction(db, async (trx) => {
    const family = await lockFamily(trx, sql`id = ${jobId}`)
    const root = family.find(({ id }) => id === jobId)
    if (!root) throw jobNotFound(jobId)
    if (!isOpen(root)) throw wrongState(root.status, 'cancelled')
    await recordAct(trx, { who, action: 'job-cancelled', subject: `job ${jobId}` })
    return await cancelFamily(trx, family)
  })
  await announceCancelled(bus, cancelled)
}

/**
 * Cancels whatever of the jobs about this thing, under any of these kinds, has not ended, and their descendants, in the
 * transaction that removes the thing. Returns their ids.
 */
export async function cancelSubject(
  trx: Trx,
  kinds: readonly string[],
  subjectId: string,
): Promise<string[]> {
  return await cancelFamily(
    trx,
    await lockFamily(trx, sql`subject_kind = any(${kinds}::text[]) and subject_id = ${subjectId}`),
  )
}

const isOpen = ({ status }: FamilyMember): boolean =>
  status === 'pending' || status === 'queued' || status === 'running' || status === 'waiting'

/** All of it is locked. Returns the ids of what was open. */
async function cancelFamily(trx: Trx, family: readonly FamilyMember[]): Promise<string[]> {
  const open = family.filter(isOpen)
  if (open.length === 0) return []
  const ids = open.map(({ id }) => id)
  await sql`
    update processing_jobs
    set status = 'cancelled', fence = fence + 1, completed_at = now(), stage = null
    where id = any(${ids}::uuid[])`.execute(trx)
  const failed = await failParents(trx, ids)
  await settleSubjectsOf(trx, [...ids, ...failed.map(({ id }) => id)])
  return ids
}

/** A hint to the workers: with Redis away they learn it from Postgres within a beat. */
export async function announceCancelled(bus: Bus | undefined, jobIds: readonly string[]): Promise<void> {
  await bus?.announceCancelled(jobIds).catch(() => {})
}

/** The error for a guarded update that hit no row. */
export async function whyNot(db: Db | Trx, jobId: string, wanted: string): Promise<FatalError> {
  const job = await db
    .selectFrom('processing_jobs')
    .select('status')
    .where('id', '=', jobId)
    .executeTakeFirst()
  return job ? wrongState(job.status, wanted) : jobNotFound(jobId)
}

export const wrongState = (status: JobStatus, wanted: string): FatalError =>
  new FatalError('job-wrong-state', `a job that is ${status} can not be ${wanted}`)
