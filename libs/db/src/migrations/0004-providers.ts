import { type Kysely, sql } from 'kysely'

/** What providers of speech and language say beside the text itself, and what they cost. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(SCHEMA).execute(db)
}

const SCHEMA = /* sql */ `
alter table transcripts
  add column language_confidence double precision,
  -- The provider that was chosen and could not be asked.
  add column instead_of text,
  add column seconds_billed double precision,
  add column cost_usd double precision;

alter table transcript_segments
  add column confidence double precision,
  add column times_estimated boolean not null default false,
  add column doubtful text;

-- A row for each call to a provider, written before it and ended after it: one that never ended may have been billed.
-- Jobs and owners are named without a foreign key: what was spent stays known when they are gone.
create table provider_calls (
  id uuid primary key default gen_random_uuid(),
  at timestamptz not null default now(),
  provider text not null,
  model text not null,
  operation text not null,
  job_id uuid,
  owner_id uuid,
  outcome text not null default 'under-way' check (outcome in ('under-way', 'answered', 'failed', 'cancelled')),
  error_code text,
  input_tokens bigint,
  cached_input_tokens bigint,
  output_tokens bigint,
  seconds double precision,
  -- An estimate, by the prices known when it was made; null where none is.
  cost_usd double precision,
  ended_at timestamptz
);
create index provider_calls_at on provider_calls (at);
create index provider_calls_owner on provider_calls (owner_id, at) where owner_id is not null;
create index provider_calls_job on provider_calls (job_id) where job_id is not null;

-- Providers, or models of theirs, that are not asked for now: somebody must pay or mend the configuration, or they do
-- not work. The fingerprint is of key and address: with others it may work.
create table provider_stops (
  provider text not null,
  fingerprint text not null,
  -- Empty: the whole provider.
  model text not null default '',
  code text not null,
  sentence text not null,
  is_outage boolean not null,
  stopped_at timestamptz not null default now(),
  -- From then on one call may try whether it works again.
  probe_at timestamptz not null,
  probes int not null default 0,
  primary key (provider, fingerprint, model)
);

-- What the providers say of the models that some service is configured for.
create table provider_models (
  provider text not null,
  model text not null,
  -- What it is used for: transcribe, language, embed.
  use text not null,
  -- Of key and address, as in provider_stops.
  fingerprint text not null,
  status text not null check (status in ('available', 'ending', 'gone', 'unknown')),
  shutdown_date date,
  warning text,
  checked_at timestamptz not null default now(),
  primary key (provider, model, use)
);

-- Owners whose daily budget is not the usual one.
create table owner_budgets (
  owner_id uuid primary key,
  usd_per_day double precision not null check (usd_per_day >= 0)
);

-- What the parts of a long recording gave, until they are joined. The job is named, not referenced: a part is kept in the
-- transaction that completes its own job, and must not lock the one above it on the way.
create table transcript_parts (
  transcribe_id uuid not null,
  part_index int not null,
  chapter_id uuid not null references chapters on delete cascade,
  part jsonb not null,
  transcript jsonb not null,
  primary key (transcribe_id, part_index)
);
create index transcript_parts_chapter on transcript_parts (chapter_id);

create table translations (
  id uuid primary key default gen_random_uuid(),
  chapter_id uuid not null references chapters on delete cascade,
  language text not null,
  source_language text not null,
  provider text not null,
  model text not null,
  prompt_version text,
  created_at timestamptz not null default now(),
  unique (chapter_id, language)
);

-- Times and speakers are the transcript's at the time: it may be made anew.
create table translation_segments (
  translation_id uuid not null references translations on delete cascade,
  segment_index int not null,
  start_ms bigint not null,
  end_ms bigint not null,
  text text not null,
  speaker text,
  primary key (translation_id, segment_index)
);

-- Which chapters have a model's vectors, also those that have none because nothing is said in them.
create table embedded_chapters (
  chapter_id uuid not null references chapters on delete cascade,
  model text not null,
  provider text not null,
  dimensions int not null,
  chunk_count int not null,
  created_at timestamptz not null default now(),
  primary key (chapter_id, model)
);
create index embedded_chapters_model on embedded_chapters (model);
insert into embedded_chapters (chapter_id, model, provider, dimensions, chunk_count)
  select chapter_id, model, min(provider), min(dimensions), count(*) from embeddings group by chapter_id, model;
`
