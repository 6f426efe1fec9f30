import { type Db, inTransaction, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { whyNot } from './cancel.ts'
import type { JobRow } from './claim.ts'
import { buryJob, retryJob } from './give-up.ts'
import { jobNotFound } from './job-not-found.ts'
import { type Run, stillMine } from './run.ts'

/** An outside worker that says nothing for this long is taken for dead, and its job is given to another. */
export const OUTSIDE_STALE_MS = 15 * 60_000

/**
 * A worker outside our services takes a queued job by HTTP; the fence it gets is its proof in every later call.
 * Errors: `job-not-found`, `job-wrong-state`, `queue-paused`.
 */
export async function claimOutside(db: Db, jobId: string, who: string): Promise<JobRow> {
  return await inTransaction(db, async (trx) => {
    const job = await trx
      .updateTable('processing_jobs')
      .set((eb) => ({
        status: 'running' as const,
        worker_id: workerIdOf(jobId),
        entry_id: null,
        started_at: eb.fn.coalesce('started_at', sql<Date>`now()`),
        deliveries: eb('deliveries', '+', 1),
        waiting_for: null,
        hold_reason: null,
      }))
      .where('id', '=', jobId)
      .where('status', '=', 'queued')
      .where('queue', 'not in', (eb) => eb.selectFrom('queue_controls').select('queue'))
      .returningAll()
      .executeTakeFirst()
    if (!job) throw await whyNotClaimed(trx, jobId)
    await beat(trx as unknown as Db, jobId, who)
    return job
  })
}

/** Progress and sign of life. Errors as all calls with a fence: `job-not-found`, `job-fence-lost`. */
export async function reportOutside(
  db: Db,
  jobId: string,
  fence: number,
  progress?: number,
): Promise<JobRow> {
  const { numUpdatedRows } = await db
    .updateTable('processing_jobs')
    .set({ progress: sql<number>`greatest(progress, ${progress ?? 0}::real)` })
    .where(stillMine({ jobId, fence }))
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw await fenceLost(db, jobId)
  await beat(db, jobId, 'outside')
  return await rowOf(db, jobId)
}

/**
 * Stores a finished result and queues the job once more for its own service, which saves it like a result of its
 * own: so there is one place that writes each kind of row. The result must already be parsed by the job's contract.
 */
export async function submitOutside(db: Db, jobId: string, fence: number, result: unknown): Promise<JobRow> {
  const job = await db
    .updateTable('processing_jobs')
    .set({
      status: 'queued',
      fence: sql<number>`fence + 1`,
      submitted_result: JSON.stringify(result),
      worker_id: null,
      entry_id: null,
      run_at: sql<Date>`now()`,
      dispatch_after: null,
      dispatched_at: null,
    })
    .where(stillMine({ jobId, fence }))
    .returningAll()
    .executeTakeFirst()
  if (!job) throw await fenceLost(db, jobId)
  return job
}

/** A failure like any other: it is tried again while attempts are left. */
export async function failOutside(db: Db, jobId: string, fence: number, message: string): Promise<JobRow> {
  const job = await rowOf(db, jobId)
  const run: Run = { jobId, fence, subjectKind: job.subject_kind, subjectId: job.subject_id }
  const error = new FatalError('outside-worker-failed', message)
  const done =
    job.attempts + 1 < job.max_attempts
      ? await retryJob(db, run, error, 0)
      : await buryJob(db, run, job, error)
  if (!done) throw await fenceLost(db, jobId)
  return await rowOf(db, jobId)
}

const workerIdOf = (jobId: string): string => `outside-${jobId}`

async function beat(db: Db, jobId: string, who: string): Promise<void> {
  await sql`
    insert into workers (id, service, queues, concurrency, stale_after_ms)
    values (${workerIdOf(jobId)}, ${who}, '[]', 1, ${OUTSIDE_STALE_MS})
    on conflict (id) do update set beat_at = now()`.execute(db)
}

async function whyNotClaimed(trx: Trx, jobId: string): Promise<FatalError> {
  const paused = await trx
    .selectFrom('processing_jobs as job')
    .innerJoin('queue_controls as control', 'control.queue', 'job.queue')
    .select(['job.queue', 'control.paused_by'])
    .where('job.id', '=', jobId)
    .where('job.status', '=', 'queued')
    .executeTakeFirst()
  if (!paused) return await whyNot(trx, jobId, 'claimed')
  return new FatalError('queue-paused', `${paused.paused_by} has paused the queue ${paused.queue}`)
}

async function rowOf(db: Db, jobId: string): Promise<JobRow> {
  const row = await db.selectFrom('processing_jobs').selectAll().where('id', '=', jobId).executeTakeFirst()
  if (!row) throw jobNotFound(jobId)
  return row
}

async function fenceLost(db: Db, jobId: string): Promise<FatalError> {
  await rowOf(db, jobId)
  return new FatalError(
    'job-fence-lost',
    'this fence is no longer valid: the job ended, or was given to another worker',
  )
}
