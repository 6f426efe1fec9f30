import { randomUUID } from 'node:crypto'
import { realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, expect, it } from 'vitest'
import {
  inTransaction,
  migrateToLatest,
  replaceAiOutput,
  replaceEmbedding,
  replaceTranscript,
  replaceTranslation,
} from './index.ts'
import { CLOSED, READABLE, secureRows } from './row-security.ts'

/** Roles belong to the server, not to the database: what was made here goes with the last test. */
const made: string[] = []

/** What a project of Supabase has: two roles that may do anything, and who is asking by the token's claims. */
async function becomeSupabase({ db }: World): Promise<void> {
  for (const role of ['anon', 'authenticated']) {
    const { rows } = await sql`select from pg_roles where rolname = ${role}`.execute(db)
    if (rows.length > 0) continue
    await sql`create role ${sql.id(role)} nologin`.execute(db)
    made.push(role)
  }
  await sql`create schema auth`.execute(db)
  await sql`create function auth.uid() returns uuid language sql stable as $$
    select coalesce(nullif(current_setting('request.jwt.claim.sub', true), ''),
      (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'))::uuid $$`.execute(db)
  await sql`grant usage on schema auth, public to anon, authenticated`.execute(db)
  await sql`grant all on all tables in schema public to anon, authenticated`.execute(db)
}

/** Everything that somebody's recording becomes, one row each where not said otherwise. */
async function seedEverything(world: World) {
  const { db } = world
  const book = await world.seedAudiobook()
  const chapterId = book.chapters[0]?.id ?? ''
  const origin = { provider: 'test', model: 'test-1' }
  const words = [{ text: 'hello', startMs: 0, endMs: 900 }]
  const segments = [{ startMs: 0, endMs: 900, text: 'hello', words }]
  await inTransaction(db, async (trx) => {
    await replaceTranscript(trx, chapterId, { ...origin, language: 'en', durationMs: 1_000, segments })
    const subject = { subjectKind: 'audiobook', subjectId: book.id, kind: 'tags' }
    await replaceAiOutput(trx, { ...subject, content: { tags: [] }, origin })
  })
  await inTransaction(db, async (trx) => {
    const chunks = [{ index: 0, startMs: 0, endMs: 900, text: 'hello', vector: [1, 0] }]
    await replaceEmbedding(trx, chapterId, { ...origin, dimensions: 2, chunks })
    const languages = { language: 'de', sourceLanguage: 'en' }
    const translated = [{ startMs: 0, endMs: 900, text: 'hallo' }]
    await replaceTranslation(trx, chapterId, { ...origin, ...languages, segments: translated })
  })
  await sql`
    with upload as (
      insert into uploads (owner_id, upload_type, total_files, total_size_bytes)
      values (${book.ownerId}, 'single', 1, 1) returning id
    )
    insert into upload_files (upload_id, media_id, file_name, size_bytes)
    select id, ${book.mediaId}, 'a.wav', 1 from upload`.execute(db)
  await sql`
    with clip as (
      insert into clips (owner_id, url, platform) values (${book.ownerId}, 'https://example.org/v', 'generic') returning id
    )
    insert into clip_stages (clip_id, attempt, stage) select id, 1, 'pending' from clip`.execute(db)
  return book
}

/** How many rows of a table somebody sees; the message where that is refused. */
async function seen(world: World, table: string, role: 'anon' | 'authenticated', userId?: string) {
  return await inTransaction(world.db, async (trx) => {
    await sql`set local role ${sql.raw(role)}`.execute(trx)
    await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: userId })}, true)`.execute(trx)
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from ${sql.table(table)}`.execute(trx)
    return rows[0]?.count
  }).catch((error: Error) => error.message)
}

const everyTable = async ({ db }: World): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(db)
  return rows.map(({ name }) => name)
}

afterAll(async () => {
  if (made.length === 0) return
  await using world = await testWorld()
  for (const role of made) await sql`drop role ${sql.id(role)}`.execute(world.db)
})

it('says of every table who may read it', async () => {
  await using world = await testWorld()

  expect([...Object.keys(READABLE), ...CLOSED].toSorted()).toEqual((await everyTable(world)).toSorted())
})

it('leaves a database alone that is not Supabase’s', async () => {
  await using world = await testWorld()

  expect(await secureRows(world.db)).toEqual([])

  const { rows } = await sql`
    select relname from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity`.execute(
    world.db,
  )
  expect(rows).toEqual([])
})

it.skipIf(!realPostgres())(
  'lets owners read what is theirs on Supabase, visitors nothing, and nobody write',
  async () => {
    await using world = await testWorld()
    const { db } = world
    const [mine] = [await seedEverything(world), await seedEverything(world)]
    await becomeSupabase(world)

    expect(await migrateToLatest(db)).toEqual([])

    for (const [table, count] of Object.entries({ processing_jobs: 4, job_dependencies: 3 })) {
      expect(await seen(world, table, 'authenticated', mine.ownerId)).toBe(count)
    }
    for (const table of Object.keys(READABLE)) {
      const own = await seen(world, table, 'authenticated', mine.ownerId)
      const { rows } = await sql<{
        count: number
      }>`select count(*)::int as count from ${sql.table(table)}`.execute(db)
      // Two owners have the same each, and the services see both.
      expect({ table, own }).toEqual({ table, own: (rows[0]?.count ?? 0) / 2 })
      expect(own).toBeGreaterThan(0)
      expect(await seen(world, table, 'authenticated', randomUUID())).toBe(0)
      expect(await seen(world, table, 'authenticated')).toBe(0)
      expect(await seen(world, table, 'anon')).toContain('permission denied')
    }
    for (const table of CLOSED) {
      expect(await seen(world, table, 'anon')).toContain('permission denied')
      expect(await seen(world, table, 'authenticated', mine.ownerId)).toContain('permission denied')
    }
    for (const change of ['insert', 'update', 'delete']) {
      const { rows } = await sql`
        select tablename from pg_tables, unnest(array['anon', 'authenticated']) as role
        where schemaname = 'public' and has_table_privilege(role, tablename::regclass, ${change})`.execute(db)
      expect(rows).toEqual([])
    }
    expect(await secureRows(db)).toEqual([])
  },
)
