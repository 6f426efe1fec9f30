import type { Bus } from '@app/bus'
import { LANES, type Lane } from '@app/contracts'
import type { Db } from '@app/db'
import { sql } from 'kysely'

const BATCH = 500
/** A row marked and not published by then was marked by a dispatcher that died: the next one takes it. */
const MARK_SECONDS = 5

interface DueJob {
  id: string
  queue: string
  lane: Lane
  type: string
  fence: number
  /** In seconds. */
  runAt: number
}

/**
 * Publishes the tickets of all jobs that are due; returns how many. No lock is held across Redis: rows are marked
 * first and confirmed after. A crash in between publishes a ticket twice, and the second one claims nothing.
 */
export async function dispatchDue(db: Db, bus: Bus, signal?: AbortSignal): Promise<number> {
  let published = 0
  while (!signal?.aborted) {
    const due = await markDue(db)
    if (due.length === 0) return published
    const entryIds = await bus.publish(
      due.map(({ id, queue, lane, type, fence }) => ({
        queue,
        lane,
        ticket: { v: 1, type, jobId: id, fence },
      })),
    )
    const sent = due.flatMap((job, index) => {
      const entryId = entryIds[index]
      return typeof entryId === 'string' ? [{ ...job, entryId }] : []
    })
    await confirm(db, sent)
    published += sent.length
    const failed = entryIds.find((entryId) => entryId instanceof Error)
    if (failed) throw failed
    if (due.length < BATCH) return published
  }
  return published
}

/**
 * `skip locked`: any number of dispatchers share the work. A worker that has nothing to do takes what is published
 * first, so that must be the highest lane's, and within a lane what has waited longest, a flow's jobs in their order.
 */
async function markDue(db: Db): Promise<DueJob[]> {
  const { rows } = await sql<DueJob>`
    update processing_jobs set dispatch_after = now() + ${MARK_SECONDS} * interval '1 second'
    where id in (
      select id from processing_jobs
      where status = 'queued' and dispatched_at is null and run_at <= now()
        and (dispatch_after is null or dispatch_after <= now())
      order by run_at, id
      limit ${BATCH}
      for update skip locked
    )
    returning id, queue, lane, type, fence, extract(epoch from run_at)::float8 as "runAt"`.execute(db)
  // Postgres returns updated rows in whatever order it met them.
  return rows.sort(
    (a, b) => LANES.indexOf(a.lane) - LANES.indexOf(b.lane) || a.runAt - b.runAt || (a.id < b.id ? -1 : 1),
  )
}

/** Guarded by status and fence: the ticket may have been claimed, run and failed by now. */
async function confirm(db: Db, sent: readonly (DueJob & { entryId: string })[]): Promise<void> {
  if (sent.length === 0) return
  const rows = JSON.stringify(sent.map(({ id, fence, entryId }) => ({ id, fence, entry_id: entryId })))
  await sql`
    update processing_jobs job set dispatched_at = now(), entry_id = sent.entry_id
    from jsonb_to_recordset(${rows}::jsonb) as sent (id uuid, fence int, entry_id text)
    where job.id = sent.id and job.fence = sent.fence and job.status = 'queued'`.execute(db)
}

/** Milliseconds until the next queued job is due, by Postgres' clock; undefined where none waits. */
export async function nextDueInMs(db: Db): Promise<number | undefined> {
  const { rows } = await sql<{ wait: number | null }>`
    select extract(epoch from min(greatest(run_at, coalesce(dispatch_after, run_at))) - now())::float8 * 1000 as wait
    from processing_jobs where status = 'queued' and dispatched_at is null`.execute(db)
  const wait = rows[0]?.wait
  return wait === null || wait === undefined ? undefined : Math.max(0, wait)
}
