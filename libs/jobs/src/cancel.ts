import type { Bus } from '@app/bus'
import { type Db, inTransaction, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from './audit.ts'
import { jobNotFound } from './job-not-found.ts'
import { settleSubject } from './settle-subject.ts'

export interface Servers {
  db: Db
  /** Undefined where Redis can not be reached: hints are left out. */
  bus: Bus | undefined
}

const CANCELLABLE = ['pending', 'queued', 'running', 'waiting'] as const

const cancelled = {
  status: 'cancelled' as const,
  fence: sql<number>`fence + 1`,
  completed_at: sql<Date>`now()`,
  stage: null,
}

/**
 * Cancels a job that has not ended; what it would still write hits no row from here on. The worker is told at once
 * by `announceCancelled`, and finds out by its own beat where that is lost. `who` stands in the audit log.
 * Errors: `job-not-found`, `job-wrong-state`.
 */
export async function cancelJob({ db, bus }: Servers, jobId: string, who: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    const job = await trx
      .updateTable('processing_jobs')
      .set(cancelled)
      .where('id', '=', jobId)
      .where('status', 'in', CANCELLABLE)
      .returning(['subject_kind', 'subject_id'])
      .executeTakeFirst()
    if (!job) throw await whyNot(trx, jobId, 'cancelled')
    await settleSubject(trx, job.subject_kind, job.subject_id)
    await recordAct(trx, { who, action: 'job-cancelled', subject: `job ${jobId}` })
  })
  await announceCancelled(bus, [jobId])
}

/** Cancels whatever of this thing's jobs has not ended, in the transaction that removes the thing. Returns their ids. */
export async function cancelSubject(trx: Trx, kind: string, subjectId: string): Promise<string[]> {
  const rows = await trx
    .updateTable('processing_jobs')
    .set(cancelled)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('processing_jobs')
        .select('id')
        .where('subject_kind', '=', kind)
        .where('subject_id', '=', subjectId)
        .where('status', 'in', CANCELLABLE)
        .orderBy('id')
        .forUpdate(),
    )
    .returning('id')
    .execute()
  return rows.map((row) => row.id)
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
  if (!job) return jobNotFound(jobId)
  return new FatalError('job-wrong-state', `a job that is ${job.status} can not be ${wanted}`)
}
