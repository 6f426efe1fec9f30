import { storableText } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { errorClass, errorCode, errorMessage, fingerprint } from '@app/runtime'
import { sql } from 'kysely'
import type { JobRow } from './claim.ts'
import type { HoldReason } from './hold-reasons.ts'
import { failParents } from './parents.ts'
import type { EndedJob } from './release.ts'
import { type Run, stillMine } from './run.ts'
import { settleSubjectsOf } from './settle-subject.ts'

/** What every way back to `queued` has in common: a new fence, so that older tickets and runs are void. */
const backInQueue = {
  status: 'queued' as const,
  fence: sql<number>`fence + 1`,
  worker_id: null,
  entry_id: null,
  dispatch_after: null,
  dispatched_at: null,
  progress: 0,
  stage: null,
}

/** Kept where some run of the job has begun to work. */
const ifItRan = sql<Date | null>`case when attempts + crashes + snoozes + hand_backs > 0 then started_at end`

const inMs = (delayMs: number) => sql<Date>`now() + ${delayMs} * interval '1 millisecond'`

/** A failed run that may be tried again, after `delayMs`. Returns false where the job is no longer this run's. */
export async function retryJob(db: Db, run: Run, error: unknown, delayMs: number): Promise<boolean> {
  return await update(db, run, {
    ...backInQueue,
    attempts: sql<number>`attempts + 1`,
    run_at: inMs(delayMs),
    ...failureOf(error),
  })
}

/** Not now: no attempt is spent. */
export async function snoozeJob(db: Db, run: Run, error: unknown, delayMs: number): Promise<boolean> {
  return await update(db, run, {
    ...backInQueue,
    snoozes: sql<number>`snoozes + 1`,
    run_at: inMs(delayMs),
    ...failureOf(error),
  })
}

export interface Waiting {
  waitingFor: string
  retryAfterMs: number
  /** Told to the job's owner. Where there is none, the limit's name is all there is to say. */
  reason?: Error | undefined
}

/** Its turn at a limit has not come. Nothing counts as a run, and waiting makes no job old. */
export async function waitForLimit(
  db: Db,
  run: Run,
  { waitingFor, retryAfterMs, reason }: Waiting,
): Promise<boolean> {
  return await update(db, run, {
    ...backInQueue,
    run_at: inMs(retryAfterMs),
    waiting_for: waitingFor,
    started_at: ifItRan,
    ...(reason
      ? { error_code: errorCode(reason) ?? 'error', error_message: clean(errorMessage(reason)) }
      : {}),
  })
}

/** Nobody here knows what to do with it: it waits, undispatched, until `releaseParked`. Nothing counts as a run. */
export async function parkJob(db: Db, run: Run, holdReason: HoldReason): Promise<boolean> {
  return await update(db, run, { ...backInQueue, hold_reason: holdReason, started_at: ifItRan })
}

/** This process is stopping: another may have the job at once, and no attempt is spent. */
export async function handBackJob(db: Db, run: Pick<Run, 'jobId' | 'fence'>): Promise<boolean> {
  return await update(db, run, {
    ...backInQueue,
    hand_backs: sql<number>`hand_backs + 1`,
    run_at: sql<Date>`now()`,
  })
}

/**
 * The end of the road: `failed`, with a dead letter that says why. Returns the parents that failed with it; undefined
 * where the job is another's.
 */
export async function buryJob(
  db: Db,
  run: Run,
  job: JobRow,
  error: unknown,
): Promise<EndedJob[] | undefined> {
  return await inTransaction(db, async (trx) => {
    const failed = await trx
      .updateTable('processing_jobs')
      .set({
        status: 'failed',
        attempts: sql<number>`attempts + 1`,
        completed_at: sql<Date>`now()`,
        stage: null,
        ...failureOf(error),
      })
      .where(stillMine(run))
      .returning(['attempts', 'crashes', 'worker_id', 'first_failed_at'])
      .executeTakeFirst()
    if (!failed) return undefined
    await insertDeadLetter(trx, { ...job, ...failed }, error)
    const parents = await failParents(trx, [run.jobId])
    await settleSubjectsOf(trx, [run.jobId, ...parents.map(({ id }) => id)])
    return parents
  })
}

async function insertDeadLetter(trx: Trx, job: JobRow, error: unknown): Promise<void> {
  await trx
    .insertInto('dead_letters')
    .values({
      job_id: job.id,
      job_type: job.type,
      queue: job.queue,
      error_class: errorClass(error),
      error_code: errorCode(error) ?? 'error',
      fingerprint: fingerprint(error),
      message: clean(errorMessage(error)),
      stack: error instanceof Error && error.stack ? clean(error.stack) : null,
      attempts: job.attempts,
      crashes: job.crashes,
      worker_id: job.worker_id,
      ...(job.first_failed_at === null ? {} : { first_seen_at: job.first_failed_at }),
    })
    .execute()
}

/** Why this run did not complete the job, and since when its runs do not. */
function failureOf(error: unknown) {
  return {
    error_code: errorCode(error) ?? 'error',
    error_message: clean(errorMessage(error)),
    first_failed_at: sql<Date>`coalesce(first_failed_at, now())`,
  }
}

/** A tool's error output may hold NUL. */
const clean = (text: string): string => storableText(text).slice(0, 10_000)

async function update(
  db: Db,
  run: Pick<Run, 'jobId' | 'fence'>,
  set: Record<string, unknown>,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('processing_jobs')
    .set(set)
    .where(stillMine(run))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
