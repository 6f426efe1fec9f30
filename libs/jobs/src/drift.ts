import type { Lane } from '@app/contracts'
import type { Db } from '@app/db'
import { sql } from 'kysely'

/** Rows looked at in one go. */
export const BATCH = 1_000
/** Younger dispatches are left alone: their entry may be on its way. */
const SETTLE_SECONDS = 10

/** A job that Postgres says stands on a stream, or is run by whoever holds its entry. */
export interface Dispatched {
  id: string
  queue: string
  lane: Lane
  fence: number
  entry_id: string | null
}

/** Queued jobs whose ticket was sent a while ago, behind this id, in id order. */
export async function sentAWhileAgo(db: Db, afterId: string): Promise<Dispatched[]> {
  const { rows } = await sql<Dispatched>`
    select id, queue, lane, fence, entry_id from processing_jobs
    where status = 'queued' and dispatched_at < now() - ${SETTLE_SECONDS} * interval '1 second' and id > ${afterId}
    order by id limit ${BATCH}`.execute(db)
  return rows
}

/** These wait again for a ticket, unless they have moved on. Returns how many. */
export const withdrawTickets = (db: Db, gone: readonly Dispatched[]): Promise<number> =>
  update(
    db,
    sql`set dispatched_at = null, dispatch_after = null, entry_id = null
        from jsonb_to_recordset(${keysOf(gone)}::jsonb) as gone (id uuid, fence int)
        where job.id = gone.id and job.fence = gone.fence and job.status = 'queued'`,
  )

/** Running jobs whose worker does not beat, behind this id, in id order. */
export async function runsOfTheSilent(db: Db, afterId: string): Promise<Dispatched[]> {
  const { rows } = await sql<Dispatched>`
    select id, queue, lane, fence, entry_id from processing_jobs job
    where status = 'running' and id > ${afterId} and not exists (
      select from workers
      where workers.id = job.worker_id and beat_at > now() - stale_after_ms * interval '1 millisecond'
    )
    order by id limit ${BATCH}`.execute(db)
  return rows
}

/** These crashed, and go back to the queue, unless they have moved on. Returns how many. */
export const requeueRuns = (db: Db, gone: readonly Dispatched[]): Promise<number> =>
  update(
    db,
    sql`set status = 'queued', fence = job.fence + 1, crashes = crashes + 1,
            crashes_alone = crashes_alone + alone::int, worker_id = null, entry_id = null,
            run_at = now(), dispatched_at = null, dispatch_after = null, progress = 0, stage = null
        from jsonb_to_recordset(${keysOf(gone)}::jsonb) as gone (id uuid, fence int)
        where job.id = gone.id and job.fence = gone.fence and job.status = 'running'`,
  )

/** Queues pending jobs that wait for nothing any more. Returns how many. */
export async function freeDependants(db: Db): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update processing_jobs job set status = 'queued', waiting_on = 0, run_at = now()
    where id in (
      select id from processing_jobs waiting
      where status = 'pending' and not exists (
        select from job_dependencies edge join processing_jobs blocker on blocker.id = edge.depends_on
        where edge.job_id = waiting.id and blocker.status <> 'completed'
      )
      order by id limit ${BATCH}
      for update skip locked
    )
    and status = 'pending'`.execute(db)
  return Number(numAffectedRows)
}

const keysOf = (rows: readonly Dispatched[]): string =>
  JSON.stringify(rows.map(({ id, fence }) => ({ id, fence })))

async function update(db: Db, change: ReturnType<typeof sql>): Promise<number> {
  const { numAffectedRows = 0n } = await sql`update processing_jobs job ${change}`.execute(db)
  return Number(numAffectedRows)
}
