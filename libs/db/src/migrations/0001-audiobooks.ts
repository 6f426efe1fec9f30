import { type Kysely, sql } from 'kysely'

/**
 * Uploads, books, and the jobs that turn them into text.
 *
 * `row_version` is the id of the transaction that last wrote the row. Unlike a sequence it can be compared with
 * `pg_snapshot_xmin`, so a reader who asks for "everything since" misses no transaction that committed late.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(SCHEMA).execute(db)
}

const SCHEMA = /* sql */ `
create extension if not exists vector;

create function stamp_row() returns trigger language plpgsql as $$
begin
  new.row_version := pg_current_xact_id();
  new.updated_at := now();
  return new;
end $$;

-- Object keys whose bytes are to be removed. Written before bytes are stored and taken back by the transaction
-- that refers to them, so that a crash in between leaves nothing behind.
create table storage_deletions (
  object_key text primary key,
  delete_after timestamptz not null default now()
);
create index storage_deletions_due on storage_deletions (delete_after);

create table uploads (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  upload_type text not null check (upload_type in ('single', 'chapters')),
  total_files int not null check (total_files > 0),
  total_size_bytes bigint not null check (total_size_bytes >= 0),
  status text not null default 'pending' check (status in ('pending', 'receiving', 'completed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  row_version xid8 not null default pg_current_xact_id()
);
create trigger uploads_stamp before update on uploads for each row execute function stamp_row();

-- One stored, probed file, by content.
create table media (
  id uuid primary key default gen_random_uuid(),
  sha256 text not null unique,
  object_key text not null,
  -- The picture inside the file, stored beside it.
  cover_key text,
  size_bytes bigint not null,
  duration_ms bigint not null,
  inspection jsonb not null,
  created_at timestamptz not null default now()
);

create table upload_files (
  id uuid primary key default gen_random_uuid(),
  upload_id uuid not null references uploads on delete cascade,
  media_id uuid not null references media,
  file_name text not null,
  position int,
  title text,
  size_bytes bigint not null,
  warnings jsonb not null default '[]',
  uploaded_at timestamptz not null default now(),
  unique (upload_id, position)
);
create index upload_files_media on upload_files (media_id);

create table audiobooks (
  id uuid primary key default gen_random_uuid(),
  -- Set null, never cascade: removing an upload must not take a finished book with it.
  upload_id uuid unique references uploads on delete set null,
  owner_id uuid not null,
  title text not null,
  author text not null,
  description text,
  language text,
  is_public boolean not null default false,
  cover_key text,
  metadata jsonb not null default '{}',
  status text not null default 'processing' check (status in ('processing', 'completed', 'failed')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  row_version xid8 not null default pg_current_xact_id()
);
create index audiobooks_listed on audiobooks (created_at desc, id);
create trigger audiobooks_stamp before update on audiobooks for each row execute function stamp_row();

create table chapters (
  id uuid primary key default gen_random_uuid(),
  audiobook_id uuid not null references audiobooks on delete cascade,
  position int not null,
  title text not null,
  media_id uuid not null references media,
  start_ms bigint not null,
  end_ms bigint not null check (end_ms > start_ms),
  source text not null check (source in ('file', 'embedded')),
  unique (audiobook_id, position)
);
create index chapters_media on chapters (media_id);

create table transcripts (
  id uuid primary key default gen_random_uuid(),
  chapter_id uuid not null unique references chapters on delete cascade,
  language text not null,
  provider text not null,
  model text not null,
  duration_ms bigint not null,
  word_count int not null,
  created_at timestamptz not null default now()
);

create table transcript_segments (
  transcript_id uuid not null references transcripts on delete cascade,
  segment_index int not null,
  start_ms bigint not null,
  end_ms bigint not null,
  text text not null,
  speaker text,
  words jsonb not null,
  -- Also holds the next segment's words, at a lower weight: a phrase may run over the pause between two.
  search tsvector not null,
  primary key (transcript_id, segment_index)
);
create index transcript_segments_search on transcript_segments using gin (search);

create table ai_outputs (
  id uuid primary key default gen_random_uuid(),
  subject_kind text not null,
  subject_id uuid not null,
  kind text not null,
  content jsonb not null,
  provider text not null,
  model text not null,
  prompt_version text,
  created_at timestamptz not null default now(),
  unique (subject_kind, subject_id, kind)
);

create table embeddings (
  chapter_id uuid not null references chapters on delete cascade,
  model text not null,
  chunk_index int not null,
  provider text not null,
  dimensions int not null,
  start_ms bigint not null,
  end_ms bigint not null,
  text text not null,
  embedding vector not null,
  primary key (chapter_id, model, chunk_index)
);

create table processing_jobs (
  id uuid primary key default gen_random_uuid(),
  subject_kind text not null,
  subject_id uuid not null,
  chapter_id uuid,
  owner_id uuid not null,
  type text not null,
  version int not null,
  queue text not null,
  lane text not null default 'normal' check (lane in ('high', 'normal', 'low')),
  status text not null check (status in ('pending', 'queued', 'running', 'waiting', 'completed', 'failed', 'cancelled')),
  input jsonb not null,
  submitted_result jsonb,
  output jsonb,
  progress real not null default 0,
  stage text,
  attempts int not null default 0,
  max_attempts int not null,
  crashes int not null default 0,
  hand_backs int not null default 0,
  deliveries int not null default 0,
  snoozes int not null default 0,
  fence int not null default 0,
  entry_id text,
  worker_id text,
  waiting_on int not null default 0 check (waiting_on >= 0),
  run_at timestamptz not null default now(),
  dispatch_after timestamptz,
  dispatched_at timestamptz,
  error_code text,
  error_message text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  completed_at timestamptz,
  updated_at timestamptz not null default now(),
  row_version xid8 not null default pg_current_xact_id()
);
create index processing_jobs_subject on processing_jobs (subject_id);
create index processing_jobs_due on processing_jobs (run_at) where status = 'queued' and dispatched_at is null;
create index processing_jobs_dispatched on processing_jobs (dispatched_at) where status = 'queued' and dispatched_at is not null;
create index processing_jobs_running on processing_jobs (worker_id) where status = 'running';
create index processing_jobs_pending on processing_jobs (id) where status = 'pending';
create trigger processing_jobs_stamp before update on processing_jobs for each row execute function stamp_row();

create table job_dependencies (
  job_id uuid not null references processing_jobs on delete cascade,
  depends_on uuid not null references processing_jobs on delete cascade,
  primary key (job_id, depends_on)
);
create index job_dependencies_blocks on job_dependencies (depends_on);

create table dead_letters (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references processing_jobs on delete cascade,
  job_type text not null,
  queue text not null,
  error_class text not null,
  error_code text not null,
  fingerprint text not null,
  message text not null,
  stack text,
  attempts int not null,
  crashes int not null,
  worker_id text,
  died_at timestamptz not null default now(),
  resolution text check (resolution in ('redriven', 'discarded')),
  resolved_at timestamptz,
  resolved_by text,
  reason text
);
create index dead_letters_open on dead_letters (queue, died_at) where resolution is null;
create index dead_letters_job on dead_letters (job_id);

create table workers (
  id text primary key,
  service text not null,
  queues jsonb not null,
  concurrency int not null,
  stale_after_ms int not null,
  started_at timestamptz not null default now(),
  beat_at timestamptz not null default now()
);
`
