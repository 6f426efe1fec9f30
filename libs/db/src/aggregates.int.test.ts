import { readdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Transcript } from '@app/contracts'
import { onEachDatabase, testDatabase } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import {
  connectDb,
  type Db,
  ensureVectorIndex,
  inTransaction,
  migrateToLatest,
  replaceEmbedding,
  replaceTranscript,
  transcriptOf,
} from './index.ts'

const SEGMENTS = 2_500

const long: Transcript = {
  language: 'en',
  provider: 'test',
  model: 'test-1',
  durationMs: SEGMENTS * 1_000,
  segments: Array.from({ length: SEGMENTS }, (_, index) => ({
    startMs: index * 1_000,
    endMs: index * 1_000 + 900,
    text: index === 1_234 ? 'a harpooned whale' : index === 1_235 ? 'surfaced' : 'waves',
    words: [{ text: 'waves', startMs: index * 1_000, endMs: index * 1_000 + 900, confidence: 0.5 }],
    ...(index === 0 ? { speaker: 'the captain', confidence: 0.25 } : {}),
    ...(index === 1 ? { timesEstimated: true, doubtful: 'repeated' as const } : {}),
  })),
  languageConfidence: 0.98,
  secondsBilled: 2_499.9,
  costUsd: 0.1875,
}

onEachDatabase((newWorld) => {
  it('gives back a long transcript as it was written, however often it is written', async () => {
    await using world = await newWorld()
    const { chapters } = await world.seedAudiobook()
    const chapterId = chapters[0]?.id ?? ''

    await inTransaction(world.db, (trx) => replaceTranscript(trx, chapterId, long))
    await inTransaction(world.db, (trx) => replaceTranscript(trx, chapterId, long))

    expect(await transcriptOf(world.db, chapterId)).toEqual(long)
    const { rows } = await sql<{ count: number }>`select count(*)::int from transcript_segments`.execute(
      world.db,
    )
    expect(rows).toEqual([{ count: SEGMENTS }])
  })

  it('finds a segment by its stems, and by the first words of the next one', async () => {
    await using world = await newWorld()
    const { chapters } = await world.seedAudiobook()
    await inTransaction(world.db, (trx) => replaceTranscript(trx, chapters[0]?.id ?? '', long))

    const { rows } = await sql<{ segment_index: number }>`
      select segment_index from transcript_segments
      where search @@ to_tsquery('english', 'harpooning & surface')`.execute(world.db)

    expect(rows).toEqual([{ segment_index: 1_234 }])
  })

  it('keeps the vectors of one model when those of another are replaced', async () => {
    await using world = await newWorld()
    const { chapters } = await world.seedAudiobook()
    const chapterId = chapters[0]?.id ?? ''
    const embedding = (model: string, vector: number[]) => ({
      provider: 'test',
      model,
      dimensions: vector.length,
      chunks: [{ index: 0, startMs: 0, endMs: 1, text: 'waves', vector }],
    })
    await ensureVectorIndex(world.db, { model: 'two', dimensions: 2 })
    await ensureVectorIndex(world.db, { model: 'two', dimensions: 2 })

    await inTransaction(world.db, (trx) => replaceEmbedding(trx, chapterId, embedding('two', [1, 0])))
    await inTransaction(world.db, (trx) => replaceEmbedding(trx, chapterId, embedding('three', [1, 0, 0])))
    await inTransaction(world.db, (trx) => replaceEmbedding(trx, chapterId, embedding('two', [0, 1])))

    const rows = await world.db
      .selectFrom('embeddings')
      .select(['model', 'embedding'])
      .orderBy('model')
      .execute()
    expect(rows).toEqual([
      { model: 'three', embedding: '[1,0,0]' },
      { model: 'two', embedding: '[0,1]' },
    ])
  })

  it('gives each model an index of its own, however alike their names are and whoever asks at once', async () => {
    await using world = await newWorld()
    const long = 'sentence-transformers/paraphrase-multilingual-mpnet-base-v2-of-ours'
    const models = ['a-model', 'A_Model', `${long}-1`, `${long}-2`]

    await Promise.all(
      [...models, ...models].map((model) => ensureVectorIndex(world.db, { model, dimensions: 2 })),
    )
    await ensureVectorIndex(world.db, { model: 'a-model', dimensions: 3 })

    const { rows } = await sql<{ count: number }>`
      select count(*)::int from pg_indexes where indexname ~ '^embeddings_(a_model|sentence)'`.execute(
      world.db,
    )
    expect(rows).toEqual([{ count: 5 }])
  })

  it('refuses an index that pgvector could not make', async () => {
    await using world = await newWorld()

    await expect(ensureVectorIndex(world.db, { model: 'wide', dimensions: 3_072 })).rejects.toThrow(
      '1 to 2000 dimensions',
    )
  })
})

it('migrates once when several processes start together', async () => {
  const migrations = readdirSync(resolve(import.meta.dirname, 'migrations'))
    .map((file) => basename(file, '.ts'))
    .sort()
  await using database = await testDatabase()
  const connections = Array.from({ length: 3 }, () =>
    connectDb(database.url, { onIdleError: () => {}, maxConnections: 2 }),
  )
  try {
    await sql`drop schema public cascade; create schema public`.execute(connections[0] as Db)
    const applied = await Promise.all(connections.map((db) => migrateToLatest(db)))
    expect(applied.flat()).toEqual(migrations)
  } finally {
    await Promise.all(connections.map((db) => db.destroy()))
  }
})
