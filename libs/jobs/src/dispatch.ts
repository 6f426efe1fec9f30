import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { abortableDelay } from '@app/runtime'
import { sql } from 'kysely'
import { BATCH, type DueJob, FIRST_SHARE, freeStaleMarks, type Marked, markDue, WAITS } from './mark-due.ts'
import type { Windows } from './plan-admission.ts'

/** Where nobody says how much may stand: all that one would send in one go. */
const EVERYTHING: Windows = { byQueue: new Map(), others: 10_000 }
/** Another dispatcher decides in a few milliseconds; the wait grows, so that many don't ask in step. */
const BUSY_MS = 3
const MOST_BUSY_MS = 50

interface DispatchOptions {
  windows?: Windows
  /** False leaves marks of dispatchers that died to a later call. Default true. */
  staleMarks?: boolean
  signal?: AbortSignal
}

/**
 * Publishes tickets of jobs that are due, as far as the windows have room; returns how many. No lock is held across
 * Redis: rows are marked first and confirmed after. A crash in between publishes a ticket twice, and the second one
 * claims nothing.
 */
export async function dispatchDue(
  db: Db,
  bus: Bus,
  { windows = EVERYTHING, staleMarks = true, signal }: DispatchOptions = {},
): Promise<number> {
  let published = 0
  let from = FIRST_SHARE
  while (!signal?.aborted) {
    const marked = await untilMine(() => markDue(db, windows, from), signal)
    if (!marked) break
    from = marked.next
    published += await send(db, bus, marked.due)
    const more = marked.placesLeft || marked.due.length >= BATCH || from !== FIRST_SHARE
    if (!more && (!staleMarks || (await freeStaleMarks(db)) === 0)) break
  }
  return published
}

async function untilMine(
  mark: () => Promise<Marked | undefined>,
  signal: AbortSignal | undefined,
): Promise<Marked | undefined> {
  for (let waitMs = BUSY_MS; !signal?.aborted; waitMs = Math.min(waitMs * 2, MOST_BUSY_MS)) {
    const marked = await mark()
    if (marked) return marked
    await abortableDelay(waitMs * (0.5 + Math.random()), signal).catch(() => {})
  }
  return undefined
}

async function send(db: Db, bus: Bus, due: readonly DueJob[]): Promise<number> {
  const entryIds = await bus.publish(
    due.map(({ id, queue, lane, type, fence, traceparent }) => ({
      queue,
      lane,
      ticket: { v: 1, type, jobId: id, fence, ...(traceparent === null ? {} : { traceparent }) },
    })),
  )
  const sent = due.flatMap((job, index) => {
    const entryId = entryIds[index]
    return typeof entryId === 'string' ? [{ ...job, entryId }] : []
  })
  await confirm(db, sent)
  const failed = entryIds.find((entryId) => entryId instanceof Error)
  if (failed) throw failed
  return sent.length
}

/**
 * Guarded by status and fence: the ticket may have been claimed, run and failed by now. A row that is locked is being
 * claimed at this moment, which says more than we know; waiting for it could deadlock.
 */
async function confirm(db: Db, sent: readonly (DueJob & { entryId: string })[]): Promise<void> {
  if (sent.length === 0) return
  const rows = JSON.stringify(sent.map(({ id, fence, entryId }) => ({ id, fence, entry_id: entryId })))
  await sql`
    update processing_jobs job set dispatched_at = now(), entry_id = sent.entry_id
    from jsonb_to_recordset(${rows}::jsonb) as sent (id uuid, fence int, entry_id text)
    where job.id = sent.id and job.fence = sent.fence and job.status = 'queued' and job.id = any(array(
      select id from processing_jobs
      where id = any(${sent.map(({ id }) => id)}::uuid[]) and status = 'queued'
      order by id for update skip locked
    ))
    -- What a crash of Postgres loses of this is found by reconciling: nobody waits for the disk.
    and (select set_config('synchronous_commit', 'off', true)) = 'off'`.execute(db)
}

/** Milliseconds until the next delayed job falls due, by Postgres' clock; undefined where none is delayed. */
export async function nextDueInMs(db: Db): Promise<number | undefined> {
  const { rows } = await sql<{ wait: number | null }>`
    with recursive queues as (
      (select queue from processing_jobs where ${WAITS} order by queue limit 1)
      union all
      select (select job.queue from processing_jobs job where ${WAITS} and job.queue > queues.queue order by 1 limit 1)
      from queues where queue is not null
    )
    select extract(epoch from min(run_at) - now())::float8 * 1000 as wait
    from queues cross join lateral (
      select run_at from processing_jobs job
      where ${WAITS} and job.queue = queues.queue and run_at > now() order by run_at limit 1
    ) next`.execute(db)
  const wait = rows[0]?.wait
  return wait === null || wait === undefined ? undefined : Math.max(0, wait)
}

/** Slots of living workers, by queue. */
export async function liveSlots(db: Db): Promise<Map<string, number>> {
  const { rows } = await sql<{ queue: string; slots: number }>`
    select queue, sum(concurrency)::int as slots
    from workers cross join lateral jsonb_array_elements_text(queues) as queue
    where beat_at > now() - stale_after_ms * interval '1 millisecond'
    group by queue`.execute(db)
  return new Map(rows.map(({ queue, slots }) => [queue, slots]))
}
