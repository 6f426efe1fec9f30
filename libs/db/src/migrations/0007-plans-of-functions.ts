import { type Kysely, sql } from 'kysely'

/**
 * Has the functions of every job's life find rows by index, whatever the tables held when a session planned them. Made
 * while they were empty, or looked empty to statistics, a claim of sixteen read all of 60,000 jobs (290 ms), their
 * completion all jobs once for each dependant, and a dispatcher's decision each queue's backlog once for each owner
 * (2 s for ten). PGlite, which gathers no statistics by itself, went on like that until its next start.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(FUNCTIONS).execute(db)
}

const PLANNED_ONCE = 'set plan_cache_mode = force_generic_plan set enable_seqscan = off'

/** As those of 0003. Each table is asked for `id = any(…)`: a join alone may begin with all of its rows. */
const FUNCTIONS = /* sql */ `
create or replace function claim_jobs(wanted jsonb) returns setof processing_jobs language plpgsql ${PLANNED_ONCE} as $$
begin
  return query
  with mine as (
    select job.id, ticket.worker_id, ticket.entry_id
    from jsonb_to_recordset(wanted) as ticket (id uuid, fence int, worker_id text, entry_id text)
      join processing_jobs job using (id)
    where job.id = any(array(select asked.id from jsonb_to_recordset(wanted) as asked (id uuid)))
      and ((job.status = 'queued' and job.fence = ticket.fence)
        -- A claim whose answer was lost.
        or (job.status = 'running' and job.worker_id = ticket.worker_id and job.entry_id = ticket.entry_id))
    order by job.id
    for update of job
  )
  update processing_jobs job set
    status = 'running', worker_id = mine.worker_id, entry_id = mine.entry_id, alone = false,
    started_at = coalesce(job.started_at, now()), deliveries = job.deliveries + 1, waiting_for = null
  from mine where job.id = mine.id and job.id = any(array(select mine.id from mine))
  returning job.*;
end $$;

create or replace function count_off_dependants(completed uuid[]) returns setof processing_jobs language plpgsql ${PLANNED_ONCE} as $$
begin
  return query
  with edge as (
    select job_id as id, count(*)::int as done
    from unnest(completed) as done (id)
      -- "offset": each is looked up by itself.
      cross join lateral (select job_id from job_dependencies where depends_on = done.id offset 0) blocked
    group by job_id
  ), dependant as (
    select job.id, edge.done from edge join processing_jobs job using (id)
    where job.id = any(array(select edge.id from edge)) order by job.id for no key update of job
  )
  update processing_jobs job set
    waiting_on = waiting_on - done,
    status = case when status = 'pending' and waiting_on = done then 'queued' else status end,
    run_at = case when status = 'pending' and waiting_on = done then now() else run_at end
  from dependant where job.id = dependant.id and job.id = any(array(select dependant.id from dependant))
  returning job.*;
end $$;

create or replace function complete_jobs(runs jsonb) returns setof processing_jobs language plpgsql ${PLANNED_ONCE} as $$
declare
  job processing_jobs;
  completed uuid[] := '{}';
begin
  for job in
    with mine as (
      select held.id, done.output
      from jsonb_to_recordset(runs) as done (id uuid, fence int, output jsonb)
        join processing_jobs held using (id)
      where held.id = any(array(select asked.id from jsonb_to_recordset(runs) as asked (id uuid)))
        and held.status = 'running' and held.fence = done.fence
      order by held.id for update of held
    ), forgotten as (
      delete from job_steps where job_id = any(array(select mine.id from mine))
    )
    update processing_jobs held set
      status = 'completed', output = mine.output, progress = 1, stage = null, submitted_result = null,
      error_code = null, error_message = null, completed_at = now()
    from mine where held.id = mine.id and held.id = any(array(select mine.id from mine))
    returning held.*
  loop
    completed := completed || job.id;
    return next job;
  end loop;
  return query select * from count_off_dependants(completed);
end $$;

-- The first few rows in an index' order: no other index is read to its end and sorted for them.
alter function jobs_to_admit(text, text, uuid, int) set enable_sort = off;
alter function mark_due_jobs(jsonb, int) set enable_sort = off;
alter function mark_due_jobs(jsonb, int) set enable_incremental_sort = off;
alter function dispatch_outlook() set enable_sort = off;
`
