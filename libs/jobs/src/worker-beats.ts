import type { Db } from '@app/db'
import { sql } from 'kysely'
import type { JobRow } from './claim.ts'

/** A worker silent for this long is taken for dead where its entry is gone too. */
const STALE_AFTER_MS = 15_000
/** A worker that is gone for good is forgotten after this long. */
const FORGET_HOURS = 24

/** What a process says of itself with each beat. */
export interface WorkerBeat {
  workerId: string
  service: string
  queues: readonly string[]
  /** What it can run, as `transcribe@1`, and which tickets it reads. */
  jobTypes: readonly string[]
  concurrency: number
}

/** Says that the process lives, and what it knows; answers whether any job is held, whatever for. */
export async function beatWorker(
  db: Db,
  { workerId, service, queues, jobTypes, concurrency }: WorkerBeat,
): Promise<{ isAnyHeld: boolean }> {
  const { rows } = await sql<{ isAnyHeld: boolean }>`
    insert into workers (id, service, queues, job_types, concurrency, stale_after_ms)
    values (${workerId}, ${service}, ${JSON.stringify(queues)}, ${JSON.stringify(jobTypes)}, ${concurrency},
      ${STALE_AFTER_MS})
    on conflict (id) do update set beat_at = now(), job_types = excluded.job_types
    returning exists (
      select from processing_jobs where status = 'queued' and hold_reason is not null
    ) as "isAnyHeld"`.execute(db)
  return { isAnyHeld: rows[0]?.isAnyHeld ?? false }
}

/** It stops, and says so. */
export async function forgetWorker(db: Db, workerId: string): Promise<void> {
  await sql`delete from workers where id = ${workerId}`.execute(db)
}

/** Those that are gone for good. */
export async function forgetDeadWorkers(db: Db): Promise<void> {
  await sql`delete from workers where beat_at < now() - ${FORGET_HOURS} * interval '1 hour'`.execute(db)
}

/** Ids of those that beat. */
export async function livingWorkers(db: Db): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from workers where beat_at > now() - stale_after_ms * interval '1 millisecond'`.execute(db)
  return new Set(rows.map(({ id }) => id))
}

/** What this worker runs, by its row. */
export async function runningOn(
  db: Db,
  workerId: string,
): Promise<Pick<JobRow, 'id' | 'fence' | 'entry_id'>[]> {
  return await db
    .selectFrom('processing_jobs')
    .select(['id', 'fence', 'entry_id'])
    .where('worker_id', '=', workerId)
    .where('status', '=', 'running')
    .execute()
}

/** Which of these jobs were cancelled. */
export async function cancelledAmong(db: Db, jobIds: readonly string[]): Promise<string[]> {
  const query = db.selectFrom('processing_jobs').select('id').where('status', '=', 'cancelled')
  return (await query.where('id', 'in', jobIds).execute()).map(({ id }) => id)
}
