import { type Bus, streamKey } from '@app/bus'
import type { Lane } from '@app/contracts'
import type { Db } from '@app/db'
import { sql } from 'kysely'
import { settleParents } from './parents.ts'

const BATCH = 1_000
/** Younger dispatches are left alone: their entry may be on its way. */
const SETTLE_SECONDS = 10
/** A worker that is gone for good is forgotten after this long. */
const FORGET_WORKERS_HOURS = 24

/** What was found out of step with Redis, and put right. */
export interface Drift {
  ticketsLost: number
  runsLost: number
  dependantsFreed: number
  parentsSettled: number
}

/**
 * Puts right what Postgres and Redis disagree on, after Redis was emptied, lost writes, or a process died between
 * two steps: queued jobs whose ticket is gone, running jobs whose worker is silent and whose entry is gone, pending
 * jobs that wait for nothing any more, waiting parents whose children have all ended. Every update is guarded, so any number of processes may do this at once.
 */
export async function reconcile(db: Db, bus: Bus): Promise<Drift> {
  const ticketsLost = await resendLostTickets(db, bus)
  const runsLost = await requeueLostRuns(db, bus)
  const dependantsFreed = await freeDependants(db)
  const parentsSettled = await settleParents(db)
  await forgetWorkers(db)
  return { ticketsLost, runsLost, dependantsFreed, parentsSettled }
}

interface Dispatched {
  id: string
  queue: string
  lane: Lane
  fence: number
  entry_id: string | null
}

async function resendLostTickets(db: Db, bus: Bus): Promise<number> {
  let [lost, after] = [0, '00000000-0000-0000-0000-000000000000']
  for (;;) {
    const { rows } = await sql<Dispatched>`
      select id, queue, lane, fence, entry_id from processing_jobs
      where status = 'queued' and dispatched_at < now() - ${SETTLE_SECONDS} * interval '1 second' and id > ${after}
      order by id limit ${BATCH}`.execute(db)
    const gone = await withoutEntry(bus, rows)
    lost += await update(
      db,
      gone,
      sql`set dispatched_at = null, dispatch_after = null, entry_id = null
          from jsonb_to_recordset(${keysOf(gone)}::jsonb) as gone (id uuid, fence int)
          where job.id = gone.id and job.fence = gone.fence and job.status = 'queued'`,
    )
    const last = rows.at(-1)
    if (rows.length < BATCH || !last) return lost
    after = last.id
  }
}

/** A silent worker whose entry still stands is the readers' business: they take the entry over. */
async function requeueLostRuns(db: Db, bus: Bus): Promise<number> {
  const { rows } = await sql<Dispatched>`
    select id, queue, lane, fence, entry_id from processing_jobs job
    where status = 'running' and not exists (
      select from workers
      where workers.id = job.worker_id and beat_at > now() - stale_after_ms * interval '1 millisecond'
    )
    order by id limit ${BATCH}`.execute(db)
  const gone = await withoutEntry(bus, rows)
  return await update(
    db,
    gone,
    sql`set status = 'queued', fence = job.fence + 1, crashes = crashes + 1,
            crashes_alone = crashes_alone + alone::int, worker_id = null, entry_id = null,
            run_at = now(), dispatched_at = null, dispatch_after = null, progress = 0, stage = null
        from jsonb_to_recordset(${keysOf(gone)}::jsonb) as gone (id uuid, fence int)
        where job.id = gone.id and job.fence = gone.fence and job.status = 'running'`,
  )
}

async function freeDependants(db: Db): Promise<number> {
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

async function forgetWorkers(db: Db): Promise<void> {
  await sql`delete from workers where beat_at < now() - ${FORGET_WORKERS_HOURS} * interval '1 hour'`.execute(
    db,
  )
}

async function withoutEntry(bus: Bus, rows: readonly Dispatched[]): Promise<Dispatched[]> {
  const known = rows.filter((row) => row.entry_id !== null)
  const exist = await bus.entriesExist(
    known.map((row) => ({ stream: streamKey(bus.prefix, row.queue, row.lane), entryId: row.entry_id ?? '' })),
  )
  return [...rows.filter((row) => row.entry_id === null), ...known.filter((_, index) => !exist[index])]
}

const keysOf = (rows: readonly Dispatched[]): string =>
  JSON.stringify(rows.map(({ id, fence }) => ({ id, fence })))

async function update(db: Db, rows: readonly Dispatched[], change: ReturnType<typeof sql>): Promise<number> {
  if (rows.length === 0) return 0
  const { numAffectedRows = 0n } = await sql`update processing_jobs job ${change}`.execute(db)
  return Number(numAffectedRows)
}
