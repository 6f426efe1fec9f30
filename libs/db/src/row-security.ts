import { sql } from 'kysely'
import type { Db } from './connect.ts'
import { inTransaction } from './transaction.ts'

// Supabase puts an HTTP API in front of every table, for whoever has the project's public key. Ours are behind it:
// an owner may read what is theirs, nobody may write, and visitors see nothing. The services connect as the tables'
// owner, whom Row Level Security does not concern.

const POLICY = 'owner_reads'
/** In a select of its own, so that it is asked once for a query and not for each row. */
const OWNED = 'owner_id = (select auth.uid())'
/** What hangs on a row that its reader may see: that one's own policy decides. */
const on = (table: string, condition: string): string => `exists (select from ${table} where ${condition})`

/** What owners may read, by table: the condition of its policy. */
export const READABLE: Readonly<Record<string, string>> = {
  uploads: OWNED,
  upload_files: on('uploads', 'uploads.id = upload_files.upload_id'),
  audiobooks: OWNED,
  clips: OWNED,
  clip_stages: on('clips', 'clips.id = clip_stages.clip_id'),
  chapters: `${on('audiobooks', 'audiobooks.id = chapters.audiobook_id')} or ${on('clips', 'clips.id = chapters.clip_id')}`,
  media: `${on('upload_files', 'upload_files.media_id = media.id')} or ${on('chapters', 'chapters.media_id = media.id')}`,
  transcripts: on('chapters', 'chapters.id = transcripts.chapter_id'),
  transcript_segments: on('transcripts', 'transcripts.id = transcript_segments.transcript_id'),
  ai_outputs: `(subject_kind = 'audiobook' and ${on('audiobooks', 'audiobooks.id = ai_outputs.subject_id')})
    or (subject_kind = 'chapter' and ${on('chapters', 'chapters.id = ai_outputs.subject_id')})`,
  embeddings: on('chapters', 'chapters.id = embeddings.chapter_id'),
  embedded_chapters: on('chapters', 'chapters.id = embedded_chapters.chapter_id'),
  translations: on('chapters', 'chapters.id = translations.chapter_id'),
  translation_segments: on('translations', 'translations.id = translation_segments.translation_id'),
  processing_jobs: OWNED,
  job_dependencies: on('processing_jobs', 'processing_jobs.id = job_dependencies.job_id'),
}

/** What only the services read. */
export const CLOSED: readonly string[] = [
  'api_keys',
  'audit_log',
  'callback_secrets',
  'dead_letters',
  'job_count_changes',
  'job_steps',
  'kysely_migration',
  'kysely_migration_lock',
  'media_sources',
  'owner_budgets',
  'provider_calls',
  'provider_models',
  'provider_stops',
  'queue_controls',
  'redrives',
  'storage_deletions',
  'transcript_parts',
  'webhook_deliveries',
  'webhooks',
  'workers',
]

/**
 * On Supabase, closes every table of ours that is not closed yet, and opens to its owner what may be read; elsewhere
 * it does nothing. May be called by any number of processes at once; returns the tables that it found open.
 */
export async function secureRows(db: Db): Promise<string[]> {
  const open = (await isSupabase(db)) ? await openTables(db) : []
  // One after the other: who locks many tables at once waits for somebody who waits for them.
  for (const table of open) await secure(db, table)
  return open
}

async function isSupabase(db: Db): Promise<boolean> {
  const { rows } = await sql<{ isSo: boolean }>`
    select to_regprocedure('auth.uid()') is not null
      and (select count(*) from pg_roles where rolname in ('anon', 'authenticated')) = 2 as "isSo"`.execute(
    db,
  )
  return rows[0]?.isSo ?? false
}

async function openTables(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r'
      and relname = any(${[...Object.keys(READABLE), ...CLOSED]}::text[])
      and (not relrowsecurity or (relname = any(${Object.keys(READABLE)}::text[]) and not exists (
        select from pg_policy where polrelid = pg_class.oid and polname = ${POLICY}
      )))
    order by relname`.execute(db)
  return rows.map(({ name }) => name)
}

async function secure(db: Db, table: string): Promise<void> {
  const name = sql.table(table)
  const condition = READABLE[table]
  await inTransaction(db, async (trx) => {
    // Behind a lock that is waited for everybody else waits: better to fail, and be called again.
    await sql`set local lock_timeout = '5s'`.execute(trx)
    await sql`alter table ${name} enable row level security`.execute(trx)
    await sql`revoke all on ${name} from anon, authenticated`.execute(trx)
    if (condition === undefined) return
    await sql`drop policy if exists ${sql.ref(POLICY)} on ${name}`.execute(trx)
    await sql`create policy ${sql.ref(POLICY)} on ${name} for select to authenticated using (${sql.raw(condition)})`.execute(
      trx,
    )
    await sql`grant select on ${name} to authenticated`.execute(trx)
  })
}
