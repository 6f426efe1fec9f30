import { type Kysely, sql } from 'kysely'

/**
 * The statements of every job's life, as functions: each session plans them once. Planned anew each time, as whatever is
 * sent through a transaction pooler is, they cost up to three times what they do to a batch of sixteen jobs. Each
 * statement in a function sees what was committed before that statement, as it would outside.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(FUNCTIONS).execute(db)
}

/** Plans are made once for all calls, and never read the whole table, as one made while it was small might. */
const PLANNED_ONCE = 'set plan_cache_mode = force_generic_plan set enable_seqscan = off'

const FUNCTIONS = /* sql */ `
-- Claims queued jobs for delivered tickets [{id, fence, worker_id, entry_id}], and returns the rows that are theirs.
-- Rows are locked in id order: two batches can't deadlock.
create function claim_jobs(wanted jsonb) returns setof processing_jobs language plpgsql ${PLANNED_ONCE} as $$
begin
  return query
  with mine as (
    select job.id, ticket.worker_id, ticket.entry_id
    from jsonb_to_recordset(wanted) as ticket (id uuid, fence int, worker_id text, entry_id text)
      join processing_jobs job using (id)
    where (job.status = 'queued' and job.fence = ticket.fence)
      -- A claim whose answer was lost.
      or (job.status = 'running' and job.worker_id = ticket.worker_id and job.entry_id = ticket.entry_id)
    order by job.id
    for update of job
  )
  update processing_jobs job set
    status = 'running', worker_id = mine.worker_id, entry_id = mine.entry_id, alone = false,
    started_at = coalesce(job.started_at, now()), deliveries = job.deliveries + 1, waiting_for = null
  from mine where job.id = mine.id
  returning job.*;
end $$;

-- Counts completed jobs off from what waits for them; returns the rows of these dependants. What waits for nothing more
-- is queued. Decremented under the row's lock: of two last siblings that commit together the second sees the first.
-- "No key", for whoever writes a child twice in one transaction shares the lock on its parent's key.
create function count_off_dependants(completed uuid[]) returns setof processing_jobs language plpgsql ${PLANNED_ONCE} as $$
begin
  return query
  with edge as (
    select job_id as id, count(*)::int as done from job_dependencies
    where depends_on = any(completed) group by job_id
  ), dependant as (
    select job.id, edge.done from edge join processing_jobs job using (id) order by job.id for no key update of job
  )
  update processing_jobs job set
    waiting_on = waiting_on - done,
    status = case when status = 'pending' and waiting_on = done then 'queued' else status end,
    run_at = case when status = 'pending' and waiting_on = done then now() else run_at end
  from dependant where job.id = dependant.id
  returning job.*;
end $$;

-- Completes those of the runs [{id, fence, output}] that still hold their jobs, and counts them off from what waits for
-- them; returns the rows of both. In id order, like everything that locks several jobs.
create function complete_jobs(runs jsonb) returns setof processing_jobs language plpgsql ${PLANNED_ONCE} as $$
declare
  job processing_jobs;
  completed uuid[] := '{}';
begin
  for job in
    with mine as (
      select held.id, done.output
      from jsonb_to_recordset(runs) as done (id uuid, fence int, output jsonb)
        join processing_jobs held using (id)
      where held.status = 'running' and held.fence = done.fence
      order by held.id for update of held
    ), forgotten as (
      delete from job_steps using mine where job_steps.job_id = mine.id
    )
    update processing_jobs held set
      status = 'completed', output = mine.output, progress = 1, stage = null, submitted_result = null,
      error_code = null, error_message = null, completed_at = now()
    from mine where held.id = mine.id
    returning held.*
  loop
    completed := completed || job.id;
    return next job;
  end loop;
  return query select * from count_off_dependants(completed);
end $$;

-- Who waits with something due, by (queue, lane, owner) from the one after these on, and what stands or runs: both
-- bounded, however much waits. A loose index scan: one step for each share, whose first job is the one due first.
create function jobs_to_admit(
  after_queue text, after_lane text, after_owner uuid, most_owners int, out waiting json, out standing json
) language plpgsql ${PLANNED_ONCE} as $$
begin
  with recursive share as (
    (select queue, lane, owner_id, run_at, 1 as step from processing_jobs
    where status = 'queued' and dispatch_after is null and hold_reason is null
      and (queue, lane, owner_id) > (after_queue, after_lane, after_owner)
    order by queue, lane, owner_id, run_at limit 1)
    union all
    select following.* from share cross join lateral (
      select queue, lane, owner_id, run_at, share.step + 1 from processing_jobs
      where status = 'queued' and dispatch_after is null and hold_reason is null
        and (queue, lane, owner_id) > (share.queue, share.lane, share.owner_id)
      order by queue, lane, owner_id, run_at limit 1
    ) following
    where share.step < most_owners
  )
  select coalesce(json_agg(json_build_object(
      'queue', queue, 'lane', lane, 'ownerId', owner_id,
      'due', run_at <= now() and queue not in (select queue from queue_controls)
    ) order by step), '[]')
  into waiting from share;

  select coalesce(json_agg(held), '[]') into standing from (
    select queue, lane, owner_id as "ownerId", count(*) filter (where status = 'queued') as tickets,
      count(*) filter (where status = 'running') as running
    from processing_jobs
    where status = 'running' or (status = 'queued' and dispatch_after is not null)
    group by queue, lane, owner_id
  ) held;
end $$;

-- Marks due jobs of these shares [{queue, lane, ownerId, take}] for publishing, and returns them. Marks of a dispatcher
-- that dies go stale after so many seconds.
create function mark_due_jobs(plan jsonb, mark_seconds int) returns setof processing_jobs language plpgsql ${PLANNED_ONCE} as $$
begin
  return query
  with due as (
    select job.id
    from jsonb_to_recordset(plan) as share (queue text, lane text, "ownerId" uuid, take int)
    cross join lateral (
      select id from processing_jobs
      where status = 'queued' and dispatch_after is null and hold_reason is null
        and queue = share.queue and lane = share.lane and owner_id = share."ownerId" and run_at <= now()
      order by run_at, id limit share.take for update skip locked
    ) job
  )
  update processing_jobs job set dispatch_after = now() + mark_seconds * interval '1 second'
  where id = any(array(select due.id from due))
  returning job.*;
end $$;
`
