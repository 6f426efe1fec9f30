import type { Db } from '@app/db'
import { sql } from 'kysely'
import { type DueJob, WAITS } from './mark-due.ts'

export type SentJob = Pick<DueJob, 'id' | 'fence'> & { entryId: string }

/**
 * Writes down which entry each ticket became. Guarded by status and fence: the ticket may have been claimed, run and failed by now. A row that is locked is being
 * claimed at this moment, which says more than we know; waiting for it could deadlock.
 */
export async function confirmSent(db: Db, sent: readonly SentJob[]): Promise<void> {
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
