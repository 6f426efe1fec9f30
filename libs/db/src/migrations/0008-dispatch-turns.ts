import { type Kysely, sql } from 'kysely'

/**
 * What dispatchers ask, once more. The look says whether a redrive runs, which every process learns so within two
 * seconds at the price of one step of an empty index; and who may be next is no longer read from the first owner on,
 * a thousand at a time: while the first ones filled the window the others never had a place, and each decision read
 * all owners that waited.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(FUNCTIONS).execute(db)
}

/** As those of 0003; and rows come in the index' order, as 0007 says. */
const PLANNED_ONCE = 'set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_sort = off'

const FUNCTIONS = /* sql */ `
-- As in 0006, and whether a redrive runs. What it answers can't be changed without dropping it.
drop function dispatch_outlook();
create function dispatch_outlook(
  out is_due boolean, out has_stale_marks boolean, out next_due_ms float8, out slots json, out is_redriving boolean
) language plpgsql ${PLANNED_ONCE} as $$
begin
  with recursive backlog as (
    (select queue from processing_jobs
    where status = 'queued' and dispatch_after is null and hold_reason is null
    order by queue limit 1)
    union all
    select following.queue from backlog cross join lateral (
      select queue from processing_jobs
      where status = 'queued' and dispatch_after is null and hold_reason is null and queue > backlog.queue
      order by queue limit 1
    ) following
  )
  select coalesce(bool_or(first.run_at <= now() and queue not in (select queue from queue_controls)), false),
    extract(epoch from min(next.run_at) - now()) * 1000
  into is_due, next_due_ms
  from backlog
  left join lateral (
    select run_at from processing_jobs job
    where status = 'queued' and dispatch_after is null and hold_reason is null and job.queue = backlog.queue
    order by run_at limit 1
  ) first on true
  left join lateral (
    select run_at from processing_jobs job
    where status = 'queued' and dispatch_after is null and hold_reason is null and job.queue = backlog.queue
      and run_at > now()
    order by run_at limit 1
  ) next on true;

  has_stale_marks := exists (
    select from processing_jobs where status = 'queued' and dispatch_after <= now() and dispatched_at is null
  );
  is_redriving := exists (select from redrives where status = 'running');

  select coalesce(json_object_agg(queue, slots_of.slots), '{}') into slots from (
    select queue, sum(concurrency) as slots
    from workers cross join lateral jsonb_array_elements_text(queues) as queue
    where beat_at > now() - stale_after_ms * interval '1 millisecond'
    group by queue
  ) slots_of;
end $$;

-- Who waits with something due, and what stands or runs: both bounded, however much waits. Of each lane of a queue that
-- is not paused at most so many owners, and ten times as many are looked at: from the one behind the given id on, and
-- from the first on again. One step of the index for each, whose first job is the one due first. The function of the
-- same name with a queue and a lane is of versions before this one.
create function jobs_to_admit(behind uuid, most_owners int, out waiting json, out standing json)
language plpgsql ${PLANNED_ONCE} as $$
begin
  with recursive lanes as (
    (select queue, lane from processing_jobs
    where status = 'queued' and dispatch_after is null and hold_reason is null
    order by queue, lane limit 1)
    union all
    select following.* from lanes cross join lateral (
      select queue, lane from processing_jobs
      where status = 'queued' and dispatch_after is null and hold_reason is null
        and (queue, lane) > (lanes.queue, lanes.lane)
      order by queue, lane limit 1
    ) following
  )
  select coalesce(json_agg(json_build_object('queue', queue, 'lane', lane, 'ownerId', owner_id)), '[]')
  into waiting
  from lanes cross join lateral (
    with recursive share as (
      select behind as owner_id, false as is_due, false as wrapped, 0 as looked_at, 0 as due
      union all
      select following.owner_id, following.run_at <= now(), following.wrapped,
        share.looked_at + 1, share.due + (following.run_at <= now())::int
      from share cross join lateral (
        (select owner_id, run_at, share.wrapped from processing_jobs job
        where status = 'queued' and dispatch_after is null and hold_reason is null
          and job.queue = lanes.queue and job.lane = lanes.lane and owner_id > share.owner_id
          and owner_id <= case when share.wrapped then behind else 'ffffffff-ffff-ffff-ffff-ffffffffffff' end
        order by owner_id, run_at limit 1)
        union all
        (select owner_id, run_at, true from processing_jobs job
        where status = 'queued' and dispatch_after is null and hold_reason is null
          and job.queue = lanes.queue and job.lane = lanes.lane and owner_id <= behind and not share.wrapped
        order by owner_id, run_at limit 1)
        limit 1
      ) following
      where share.due < most_owners and share.looked_at < 10 * most_owners
    )
    select owner_id from share where is_due
  ) due
  where queue not in (select queue from queue_controls);

  select coalesce(json_agg(held), '[]') into standing from (
    select queue, lane, owner_id as "ownerId", count(*) filter (where status = 'queued') as tickets,
      count(*) filter (where status = 'running') as running
    from processing_jobs
    where status = 'running' or (status = 'queued' and dispatch_after is not null)
    group by queue, lane, owner_id
  ) held;
end $$;
`
