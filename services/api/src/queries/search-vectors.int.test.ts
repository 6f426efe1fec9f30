import { randomUUID } from 'node:crypto'
import { connectDb, type Db, ensureVectorIndex } from '@app/db'
import { realPostgres, testDatabase } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { vectorCandidates } from './search-vectors.ts'

const SPACE = { model: 'three', dimensions: 3 }
/** As in a library of a million passages, whose index is used and left after 20,000 of them. */
const LARGE = 'options=-c%20enable_seqscan%3Doff%20-c%20enable_sort%3Doff%20-c%20hnsw.max_scan_tuples%3D50'

it.skipIf(!realPostgres())(
  'finds what is one’s own behind any number of nearer passages of others',
  async () => {
    await using database = await testDatabase()
    const db = connectDb(`${database.url}?${LARGE}`, { onIdleError: () => {} })
    try {
      const userId = randomUUID()
      await ensureVectorIndex(db, SPACE)
      await passages(db, { ownerId: randomUUID(), count: 300, height: 0.01 })
      await passages(db, { ownerId: userId, count: 5, height: 0.5 })
      const query = { ...SPACE, vector: [1, 0, 0], asked: { models: [SPACE], place: 0 } }

      const found = await vectorCandidates(db, query, { userId, audiobookId: undefined }, 10)

      expect(found.map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5'])
    } finally {
      await db.destroy()
    }
  },
)

/** Of a book of theirs, each a little further from `[1, 0, 0]` than the one before. */
async function passages(
  db: Db,
  { ownerId, count, height }: { ownerId: string; count: number; height: number },
): Promise<void> {
  await sql`
    with file as (
      insert into media (sha256, object_key, size_bytes, duration_ms, inspection)
      values (${ownerId}, 'none', 1, 1, '{}') returning id
    ), book as (
      insert into audiobooks (owner_id, title, author) values (${ownerId}, 'A book', 'Somebody') returning id
    ), chapter as (
      insert into chapters (audiobook_id, position, title, media_id, start_ms, end_ms, source)
      select book.id, 1, 'One', file.id, 0, 1, 'file' from book, file returning id
    )
    insert into embeddings (chapter_id, model, chunk_index, provider, dimensions, start_ms, end_ms, text, embedding)
    select chapter.id, ${SPACE.model}, place, 'test', ${SPACE.dimensions}, place, place + 1, place::text,
      format('[1,%s,0]', ${height}::float8 + place / 10000.0)::vector
    from chapter, generate_series(1, ${count}::int) place`.execute(db)
}
