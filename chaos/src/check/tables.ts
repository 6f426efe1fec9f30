import type { Db } from '@app/db'
import { sql } from 'kysely'

/**
 * What the campaign writes down besides: each committed save, in a table that takes the same thing twice, and each
 * move of a job, by a trigger, so that it stands there exactly if the move was committed.
 */
const TABLES = /* sql */ `
create table effects (
  n bigint generated always as identity,
  job_id uuid not null,
  fence int not null,
  at timestamptz not null default clock_timestamp()
);
create index on effects (job_id);
-- That a run has begun, from inside it: hints, as far as it could still say so.
create table run_starts (
  job_id uuid not null,
  worker_pid int not null,
  at timestamptz not null default clock_timestamp()
);
-- That a step's work was called, as far as it could still say so, and each checkpoint that was committed.
create table step_calls (job_id uuid not null, key text not null, fence int not null);
create table step_marks (job_id uuid not null, key text not null, fence int not null);
create function note_step() returns trigger language plpgsql as $$
begin
  insert into step_marks (job_id, key, fence) values (new.job_id, new.key, new.fence);
  return null;
end $$;
create trigger noted after insert on job_steps for each row execute function note_step();
create table job_moves (
  n bigint generated always as identity,
  job_id uuid not null,
  status text not null,
  fence int not null,
  worker_id text,
  at timestamptz not null default clock_timestamp()
);
create index on job_moves (job_id);
create function note_move() returns trigger language plpgsql as $$
begin
  insert into job_moves (job_id, status, fence, worker_id) values (new.id, new.status, new.fence, new.worker_id);
  return null;
end $$;
create trigger noted_insert after insert on processing_jobs for each row execute function note_move();
create trigger noted_update after update on processing_jobs for each row
  when ((new.status, new.fence, new.worker_id) is distinct from (old.status, old.fence, old.worker_id))
  execute function note_move();
`

export async function createTables(db: Db): Promise<void> {
  await sql.raw(TABLES).execute(db)
}
