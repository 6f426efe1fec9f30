import { type Kysely, sql } from 'kysely'

/**
 * Clips: what somebody gave a URL of; who may ask by API key, and who is told by webhook.
 *
 * A chapter is a stretch of a recording that is heard as one. Those of a book belong to it; a clip has exactly one, under
 * its own id, from when its sound is there.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(SCHEMA).execute(db)
}

const SCHEMA = /* sql */ `
alter table media
  -- The whole video, stored beside its sound where somebody asked for it.
  add column video_key text;

-- Signs what callbacks are told: one for all of an owner's, who names their addresses in passing.
create table callback_secrets (
  owner_id uuid primary key,
  -- whsec_ and base64, as Standard Webhooks has it.
  secret text not null,
  -- Signs as well until then, so that receivers can change over.
  previous_secret text,
  previous_secret_until timestamptz,
  created_at timestamptz not null default now()
);

create table webhooks (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  url text not null,
  -- 'callback': made for a clip's callback_url, and told only of clips that name it.
  origin text not null default 'registered' check (origin in ('registered', 'callback')),
  description text,
  events text[] not null,
  -- As above; a callback needs none of its own.
  secret text check (secret is not null or origin = 'callback'),
  previous_secret text,
  previous_secret_until timestamptz,
  -- It asked for less: nobody sends it anything before.
  throttled_until timestamptz,
  disabled_at timestamptz,
  disabled_reason text,
  failing_since timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  row_version xid8 not null default pg_current_xact_id()
);
create index webhooks_owner on webhooks (owner_id, created_at);
-- Whom to tell: an owner may have thousands of callbacks beside them.
create index webhooks_told on webhooks (owner_id) where origin = 'registered';
create unique index webhooks_callback on webhooks (owner_id, url) where origin = 'callback';
create trigger webhooks_stamp before update on webhooks for each row execute function stamp_row();

create table api_keys (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  name text not null,
  -- What is shown of it; the key itself is nowhere.
  prefix text not null,
  -- SHA-256 of the whole key, in hex. Keys are random: nobody guesses one by its hash.
  key_hash text not null unique,
  scopes text[] not null,
  requests_per_minute int check (requests_per_minute > 0),
  usd_per_day double precision check (usd_per_day >= 0),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default now()
);
create index api_keys_owner on api_keys (owner_id, created_at);

-- By whose key: named without a foreign key, as jobs and owners are.
alter table provider_calls add column api_key_id uuid;
create index provider_calls_key on provider_calls (api_key_id, at) where api_key_id is not null;

create table clips (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null,
  api_key_id uuid references api_keys on delete set null,
  -- As it was given.
  url text not null,
  -- One form for all URLs of the same video, known at the latest when it is downloaded.
  canonical_url text,
  platform text not null,
  external_id text,
  status text not null default 'pending' check (status in (
    'pending', 'downloading', 'extracting_audio', 'uploading', 'transcribing', 'analyzing',
    'generating_embeddings', 'storing', 'completed', 'failed'
  )),
  -- 1, and one more whenever a clip that had ended is taken up again.
  attempt int not null default 1,
  error_code text,
  error_message text,
  language text,
  -- What the caller wants to find again in answers and webhooks.
  metadata jsonb not null default '{}',
  webhook_id uuid references webhooks on delete set null,
  idempotency_key text,
  -- Of the request that came with the key: the same key with another request is an error.
  request_hash text,
  force boolean not null default false,
  keep_video boolean not null default false,
  title text,
  author text,
  -- What the platform says of it: a few fields, never its whole answer.
  info jsonb,
  media_id uuid references media,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  row_version xid8 not null default pg_current_xact_id(),
  unique (owner_id, idempotency_key)
);
create index clips_owner on clips (owner_id, created_at desc, id);
create index clips_media on clips (media_id);
create index clips_webhook on clips (webhook_id) where webhook_id is not null;
create index clips_key on clips (api_key_id) where api_key_id is not null;
create trigger clips_stamp before update on clips for each row execute function stamp_row();

-- Each stage that a clip reached, once an attempt.
create table clip_stages (
  clip_id uuid not null references clips on delete cascade,
  attempt int not null,
  stage text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (clip_id, attempt, stage)
);

-- What lay behind a URL when it was last fetched.
create table media_sources (
  canonical_url text primary key,
  media_id uuid not null references media on delete cascade,
  external_id text,
  title text,
  author text,
  info jsonb,
  fetched_at timestamptz not null default now()
);
create index media_sources_media on media_sources (media_id);

-- Where there is one, it is made anew after this: owners of clips may read theirs too.
drop policy if exists owner_reads on chapters;
alter table chapters
  alter column audiobook_id drop not null,
  add column clip_id uuid unique references clips on delete cascade,
  add constraint chapters_of_one check (num_nonnulls(audiobook_id, clip_id) = 1);

create table webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  webhook_id uuid not null references webhooks on delete cascade,
  -- What it tells of; null for a test.
  clip_id uuid references clips on delete set null,
  event_type text not null,
  -- The body, byte for byte as it is signed.
  body text not null,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts int not null default 0,
  -- Of the last answer; null where there was none.
  response_status int,
  error_message text,
  next_attempt_at timestamptz,
  delivered_at timestamptz,
  created_at timestamptz not null default now()
);
create index webhook_deliveries_listed on webhook_deliveries (webhook_id, created_at desc);
create index webhook_deliveries_clip on webhook_deliveries (clip_id);
create index webhook_deliveries_ended on webhook_deliveries (created_at) where status <> 'pending';
`
