import type { Transcript } from '@app/contracts'
import { ensureVectorIndex, inTransaction, replaceTranscript } from '@app/db'
import { lexicalEmbeddings } from '@app/language'
import { testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { type EmbedDeps, embed } from './embed.ts'
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

function depsOf(world: World): EmbedDeps {
  const embeddings = lexicalEmbeddings()
  const indexReady = onceDone(() => ensureVectorIndex(world.db, embeddings.model, embeddings.dimensions))
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
