import type { Db } from '@app/db'
import { sql } from 'kysely'
import { WAITS } from '../../mark-due.ts'
import type { JobFacts } from './reasons.ts'
import type { WhyRow } from './why-row.ts'

/** Further than this nobody counts: the answer is "at least". */
const MOST_AHEAD = 10_000
const MOST_OWNERS = 1_000

/** Who works on the queue of this job, and who of them can run it. A worker that does not say counts as knowing. */
export async function workersFor(db: Db, { queue, type, version }: WhyRow): Promise<JobFacts['workers']> {
  const { rows } = await sql<JobFacts['workers']>`
    select count(*)::int as live, coalesce(sum(concurrency), 0)::int as slots,
      (count(*) filter (where job_types = '[]' or job_types @> to_jsonb(${`${type}@${version}`}::text)))::int as knowing,
      (select count(*)::int from processing_jobs where queue = ${queue} and status = 'running') as running
    from workers
    where queues @> to_jsonb(${queue}::text) and beat_at > now() - stale_after_ms * interval '1 millisecond'`.execute(
    db,
  )
  return rows[0] ?? { live: 0, slots: 0, running: 0, knowing: 0 }
}

/** The worker of a running job, and whether it still beats. */
export async function holderOf(db: Db, workerId: string | null): Promise<JobFacts['holder']> {
  if (workerId === null) return null
  const worker = await db
    .selectFrom('workers')
    .select([
      'service',
      sql<number>`extract(epoch from now() - beat_at)::float8 * 1000`.as('silentMs'),
      sql<boolean>`beat_at > now() - stale_after_ms * interval '1 millisecond'`.as('isLive'),
    ])
    .where('id', '=', workerId)
    .executeTakeFirst()
  return { workerId, ...(worker ?? { service: null, silentMs: null, isLive: false }) }
}

/**
 * What starts before this job. Where its ticket stands, those sent before it; else all that stand, and its owner's jobs
 * before it as many times as owners wait, because owners are served in turn: an estimate, never more than the lane has.
 */
export async function aheadOf(db: Db, row: WhyRow): Promise<JobFacts['ahead']> {
  const { rows } = await sql<{ own: number; owners: number; standing: number }>`
    with recursive this as (
      select id, queue, lane, owner_id, run_at, dispatch_after, coalesce(dispatched_at, 'infinity') as sent_at
      from processing_jobs where id = ${row.id}
    ), owner as (
      (select owner_id, 1 as step from processing_jobs
        where ${WAITS} and queue = ${row.queue} and lane = ${row.lane} order by owner_id limit 1)
      union all
      select following.* from owner cross join lateral (
        select owner_id, owner.step + 1 from processing_jobs
        where ${WAITS} and queue = ${row.queue} and lane = ${row.lane} and owner_id > owner.owner_id
        order by owner_id limit 1
      ) following
      where owner.step < ${MOST_OWNERS}
    )
    select
      case when this.dispatch_after is not null then 0 else (
        select count(*)::int from (
          select from processing_jobs
          where ${WAITS} and queue = ${row.queue} and lane = ${row.lane} and owner_id = ${row.owner_id}
            and (run_at, id) < (this.run_at, this.id)
          limit ${MOST_AHEAD}
        ) as sample
      ) end as own,
      case when this.dispatch_after is not null then 0 else (select count(*)::int from owner) end as owners,
      (select count(*)::int from processing_jobs job
        where job.queue = ${row.queue} and job.lane = ${row.lane} and status = 'queued'
          and job.dispatch_after is not null and job.id <> this.id
          and coalesce(job.dispatched_at, 'infinity') <= this.sent_at) as standing
    from this`.execute(db)
  const { own = 0, owners = 0, standing = 0 } = rows[0] ?? {}
  return { own, isCounted: own < MOST_AHEAD, before: standing + own * Math.max(owners, 1) }
}
