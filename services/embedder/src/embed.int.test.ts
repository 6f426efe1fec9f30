import { randomUUID } from 'node:crypto'
import type { Transcript } from '@app/contracts'
import { ensureVectorIndex, inTransaction, replaceTranscript } from '@app/db'
import { insertClip } from '@app/jobs'
import { lexicalEmbeddings } from '@app/language'
import { testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { type EmbedDeps, embed } from './embed.ts'
import { embedAnew } from './embed-anew.ts'
import { onceDone } from './once-done.ts'

const WORDS =
  'call me ishmael some years ago never mind how long precisely having little or no money in my purse'.split(
    ' ',
  )

const transcript: Transcript = {
  language: 'en',
  provider: 'test',
  model: 'test-1',
  durationMs: WORDS.length * 300,
  segments: [
    {
      startMs: 0,
      endMs: WORDS.length * 300,
      text: WORDS.join(' '),
      words: WORDS.map((text, index) => ({ text, startMs: index * 300, endMs: index * 300 + 250 })),
    },
  ],
}

const ANOTHER = { model: 'another-model', dimensions: lexicalEmbeddings().dimensions }

async function transcribedChapter(world: World) {
  const book = await world.seedAudiobook()
  const chapterId = book.chapters[0]?.id ?? ''
  await inTransaction(world.db, (trx) => replaceTranscript(trx, chapterId, transcript))
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'queued', waiting_on: 0 })
    .where('id', '=', book.job('embed 1'))
    .execute()
  return { chapterId, jobId: book.job('embed 1') }
}

function depsOf(world: World, change: Partial<EmbedDeps['embeddings']> = {}): EmbedDeps {
  const embeddings = { ...lexicalEmbeddings(), ...change }
  const indexReady = onceDone(() => ensureVectorIndex(world.db, embeddings))
  return { db: world.db, embeddings, indexReady }
}

it('stores passages with times, model and vectors, under an index of their own', async () => {
  await using world = await testWorld()
  const { chapterId, jobId } = await transcribedChapter(world)
  const deps = depsOf(world)

  await world.drain([embed], deps)

  expect(await world.job(jobId)).toMatchObject({ status: 'completed', output: { chunkCount: 1 } })
  const rows = await world.db
    .selectFrom('embeddings')
    .selectAll()
    .where('chapter_id', '=', chapterId)
    .execute()
  expect(rows).toMatchObject([
    { chunk_index: 0, text: WORDS.join(' '), model: deps.embeddings.model, start_ms: '0' },
  ])
  const { rows: indexes } = await sql<{ count: number }>`
    select count(*)::int from pg_indexes where tablename = 'embeddings' and indexdef like '%hnsw%'`.execute(
    world.db,
  )
  expect(indexes).toEqual([{ count: 1 }])
})

it('completes a chapter without words with no passages at all', async () => {
  await using world = await testWorld()
  const { chapterId, jobId } = await transcribedChapter(world)
  await inTransaction(world.db, (trx) => replaceTranscript(trx, chapterId, { ...transcript, segments: [] }))

  await world.drain([embed], depsOf(world))

  expect(await world.job(jobId)).toMatchObject({ status: 'completed', output: { chunkCount: 0 } })
})

it('refuses vectors of another length than the model is said to have', async () => {
  await using world = await testWorld()
  const { jobId } = await transcribedChapter(world)
  const deps = depsOf(world)
  const embeddings = {
    ...deps.embeddings,
    embedTexts: async (texts: readonly string[]) => texts.map(() => [1, 0]),
  }

  await world.drain([embed], { ...deps, embeddings })

  expect(await world.job(jobId)).toMatchObject({ status: 'failed', error_code: 'embedding-dimensions' })
  expect(await world.db.selectFrom('embeddings').selectAll().execute()).toEqual([])
})

it('keeps each batch of a paid model, so that a retry asks only for what is missing', async () => {
  await using world = await testWorld()
  const { chapterId, jobId } = await transcribedChapter(world)
  const long = Array.from({ length: 150 }, (_, index) => ({
    ...{ startMs: index * 9_000, endMs: index * 9_000 + 8_900, text: `${WORDS.join(' ')} ${index}` },
    words: [],
  }))
  await inTransaction(world.db, (trx) => replaceTranscript(trx, chapterId, { ...transcript, segments: long }))
  const asked: string[] = []
  const { embedTexts } = lexicalEmbeddings()
  const deps = depsOf(world, {
    provider: 'openai',
    async embedTexts(texts, options) {
      asked.push(...texts)
      if (asked.length > 24 && asked.length <= 48) throw new Error('broken')
      return await embedTexts(texts, options)
    },
  })

  await world.drain([embed], deps)
  await world.db
    .updateTable('processing_jobs')
    .set({ run_at: new Date(0) })
    .execute()
  await world.drain([embed], deps)

  expect(await world.job(jobId)).toMatchObject({ status: 'completed', attempts: 1 })
  const rows = await world.db
    .selectFrom('embeddings')
    .select(['text', 'embedding'])
    .orderBy('chunk_index')
    .execute()
  expect(asked).toHaveLength(rows.length + 24)
  const [plain] = await embedTexts([rows[0]?.text ?? ''], {
    signal: new AbortController().signal,
    purpose: 'document',
  })
  expect(JSON.parse(rows[0]?.embedding ?? '')).toEqual(plain)
})

it('has chapters embedded anew when the model changes, each once, in the low lane', async () => {
  await using world = await testWorld()
  const { chapterId, jobId } = await transcribedChapter(world)
  const [before, after] = [depsOf(world), depsOf(world, { model: 'another-model' })]
  const models = async () =>
    (await world.db.selectFrom('embeddings').select('model').distinct().orderBy('model').execute()).map(
      (row) => row.model,
    )

  expect(await embedAnew(world.db, ANOTHER)).toBe(0)
  await world.drain([embed], before)
  expect(await embedAnew(world.db, before.embeddings)).toBe(0)
  expect(await embedAnew(world.db, ANOTHER)).toBe(1)
  expect(await embedAnew(world.db, ANOTHER)).toBe(0)
  const anew = await world.db
    .selectFrom('processing_jobs')
    .select(['lane', 'status', 'chapter_id'])
    .where('type', '=', 'embed')
    .where('id', '<>', jobId)
    .execute()
  await world.drain([embed], after)

  expect(anew).toEqual([{ lane: 'low', status: 'queued', chapter_id: chapterId }])
  expect(await models()).toEqual(['another-model', before.embeddings.model].toSorted())
  expect(await embedAnew(world.db, ANOTHER)).toBe(0)
})

it('has chapters embedded anew when the length of the vectors changes, in place of the old ones', async () => {
  await using world = await testWorld()
  const { chapterId } = await transcribedChapter(world)
  await world.drain([embed], depsOf(world))
  const { embedTexts, model } = lexicalEmbeddings()
  const shorter = depsOf(world, {
    dimensions: 128,
    embedTexts: async (texts, options) =>
      (await embedTexts(texts, options)).map((each) => each.slice(0, 128)),
  })

  expect(await embedAnew(world.db, shorter.embeddings)).toBe(1)
  await world.drain([embed], shorter)

  expect(await embedAnew(world.db, shorter.embeddings)).toBe(0)
  const rows = await world.db.selectFrom('embeddings').select(['chapter_id', 'model', 'dimensions']).execute()
  expect(rows).toEqual([{ chapter_id: chapterId, model, dimensions: 128 }])
})

it('has a clip embedded anew as well, once its own jobs have made it', async () => {
  await using world = await testWorld()
  const { mediaId } = await world.seedAudiobook()
  const clipId = await inTransaction(world.db, async (trx) => {
    const { id } = await insertClip(trx, {
      ...{ owner_id: randomUUID(), url: 'https://example.org/v', platform: 'generic' },
    })
    await trx
      .insertInto('chapters')
      .values({
        ...{ id, clip_id: id, position: 1, title: '', media_id: mediaId },
        ...{ start_ms: 0, end_ms: 9_000, source: 'file' },
      })
      .execute()
    await replaceTranscript(trx, id, transcript)
    return id
  })

  expect(await embedAnew(world.db, ANOTHER)).toBe(0)
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'completed' })
    .where('subject_id', '=', clipId)
    .execute()
  expect(await embedAnew(world.db, ANOTHER)).toBe(1)
  await world.drain([embed], depsOf(world, { model: 'another-model' }))

  const { rows } = await sql`select distinct model from embeddings where chapter_id = ${clipId}`.execute(
    world.db,
  )
  expect(rows).toEqual([{ model: 'another-model' }])
})

it('has a chapter in which nothing is said embedded once, not for ever', async () => {
  await using world = await testWorld()
  const { chapterId } = await transcribedChapter(world)
  await inTransaction(world.db, (trx) => replaceTranscript(trx, chapterId, { ...transcript, segments: [] }))

  await world.drain([embed], depsOf(world))

  expect(await embedAnew(world.db, depsOf(world).embeddings)).toBe(0)
})

it('leaves failed embeddings to whoever redrives them, and does no more at once than it may', async () => {
  await using world = await testWorld()
  const { jobId } = await transcribedChapter(world)
  await world.drain([embed], depsOf(world))
  await world.db.updateTable('processing_jobs').set({ status: 'failed' }).where('id', '=', jobId).execute()

  expect(await embedAnew(world.db, ANOTHER)).toBe(0)
  await world.db.updateTable('processing_jobs').set({ status: 'completed' }).where('id', '=', jobId).execute()
  expect(await embedAnew(world.db, ANOTHER, 0)).toBe(0)
  expect(await embedAnew(world.db, ANOTHER, 1)).toBe(1)
})
