import { type Kysely, sql } from 'kysely'

/**
 * What the job runtime needs beyond claim and fence: children, steps, unique keys, holds, runs that are alone in their
 * process, exact counts of large queues, pausing, paced redrives, and who did what.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(SCHEMA).execute(db)
}

const SCHEMA = /* sql */ `
alter table processing_jobs
  add column parent_id uuid references processing_jobs on delete cascade,
  -- Children of a waiting parent that have not completed.
  add column children_open int not null default 0 check (children_open >= 0),
  add column unique_key text,
  -- Why a queued row is not dispatched though it is due. Null where nothing holds it.
  add column hold_reason text,
  -- The limit that a queued row waits for until run_at, as "rate:openai/gpt-x"; null once it is claimed.
  add column waiting_for text,
  -- Whether the run that holds the row now has its process to itself, and how many such runs died.
  add column alone boolean not null default false,
  add column crashes_alone int not null default 0,
  add column first_failed_at timestamptz,
  add column traceparent text;

-- The next owner, and this owner's next job, each in one step however long the backlog is.
create index processing_jobs_backlog on processing_jobs (queue, lane, owner_id, run_at, id)
  where status = 'queued' and dispatch_after is null and hold_reason is null;
-- What stands on a stream, is on its way there, or runs: bounded by admission, whatever waits behind it.
create index processing_jobs_standing on processing_jobs (queue, lane, owner_id)
  where status = 'running' or (status = 'queued' and dispatch_after is not null);
-- Since when a queue's oldest job waits, and when its next delayed one falls due.
drop index processing_jobs_due;
create index processing_jobs_due on processing_jobs (queue, run_at)
  where status = 'queued' and dispatch_after is null and hold_reason is null;
drop index processing_jobs_dispatched;
create index processing_jobs_held on processing_jobs (queue, hold_reason) where status = 'queued' and hold_reason is not null;
-- Which limits are waited for, each found in one step however many jobs wait.
create index processing_jobs_waiting_for on processing_jobs (waiting_for)
  where status = 'queued' and waiting_for is not null;
create index processing_jobs_waiting on processing_jobs (id) where status = 'waiting';
create index processing_jobs_children on processing_jobs (parent_id) where parent_id is not null;
create unique index processing_jobs_unique on processing_jobs (owner_id, type, unique_key)
  where unique_key is not null and status in ('pending', 'queued', 'running', 'waiting');

-- How many jobs are in each state, as changes that each statement appends and somebody sums up now and then:
-- counting a million rows takes a second, and a counter in one row makes every writer wait for every other.
create table job_count_changes (
  queue text not null,
  lane text not null,
  status text not null,
  change bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
insert into job_count_changes select queue, lane, status, count(*) from processing_jobs group by 1, 2, 3;

create function count_inserted_jobs() returns trigger language plpgsql as $$
begin
  insert into job_count_changes select queue, lane, status, count(*) from new_rows group by 1, 2, 3;
  return null;
end $$;
create function count_deleted_jobs() returns trigger language plpgsql as $$
begin
  insert into job_count_changes select queue, lane, status, -count(*) from old_rows group by 1, 2, 3;
  return null;
end $$;
create function count_updated_jobs() returns trigger language plpgsql as $$
begin
  insert into job_count_changes
  select queue, lane, status, sum(change) from (
    select queue, lane, status, 1 as change from new_rows
    union all
    select queue, lane, status, -1 from old_rows
  ) moves
  group by 1, 2, 3 having sum(change) <> 0;
  return null;
end $$;
create function count_no_jobs() returns trigger language plpgsql as $$
begin
  -- Not delete: that would miss the sum which a compaction is just about to commit.
  truncate job_count_changes;
  return null;
end $$;
create trigger processing_jobs_count_inserted after insert on processing_jobs
  referencing new table as new_rows for each statement execute function count_inserted_jobs();
create trigger processing_jobs_count_deleted after delete on processing_jobs
  referencing old table as old_rows for each statement execute function count_deleted_jobs();
create trigger processing_jobs_count_updated after update on processing_jobs
  referencing old table as old_rows new table as new_rows for each statement execute function count_updated_jobs();
create trigger processing_jobs_count_truncated after truncate on processing_jobs
  for each statement execute function count_no_jobs();

-- What a run has finished and a later run of the same job need not do again.
create table job_steps (
  job_id uuid not null references processing_jobs on delete cascade,
  key text not null,
  value jsonb not null,
  fence int not null,
  created_at timestamptz not null default now(),
  primary key (job_id, key)
);

-- A row for each queue that somebody has paused or drains.
create table queue_controls (
  queue text primary key,
  paused_at timestamptz not null default now(),
  paused_by text not null,
  reason text,
  draining boolean not null default false
);

-- Dead letters that are being given back at a pace.
create table redrives (
  id uuid primary key default gen_random_uuid(),
  queue text,
  fingerprint text,
  per_second real not null check (per_second > 0),
  -- Share of the redriven jobs that may fail again before it stops.
  most_failures real not null check (most_failures between 0 and 1),
  requested_by text not null,
  status text not null default 'running' check (status in ('running', 'done', 'stopped')),
  stop_reason text,
  last_step_at timestamptz,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index redrives_running on redrives (created_at) where status = 'running';

alter table dead_letters
  add column first_seen_at timestamptz not null default now(),
  add column redrive_id uuid references redrives on delete set null,
  -- What became of the job that this redrive gave back. Null until it ends.
  add column redrive_outcome text check (redrive_outcome in ('completed', 'failed', 'cancelled'));
create index dead_letters_fingerprint on dead_letters (fingerprint, died_at) where resolution is null;
create index dead_letters_redrive on dead_letters (redrive_id, redrive_outcome, resolved_at) where redrive_id is not null;

-- Types and versions this process can run, as "transcribe@1".
alter table workers add column job_types jsonb not null default '[]';

create table audit_log (
  id uuid primary key default gen_random_uuid(),
  at timestamptz not null default now(),
  who text not null,
  action text not null,
  subject text not null,
  details jsonb not null default '{}'
);
create index audit_log_at on audit_log (at);
-- Who did something to this one.
create index audit_log_subject on audit_log (subject, at);
`
