import { createHash } from 'node:crypto'
import type { Embedding } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import type { Db, Trx } from './connect.ts'
import { inTransaction } from './transaction.ts'

/** pgvector's HNSW index takes at most this many dimensions of type `vector`. */
const MOST_DIMENSIONS = 2_000
const BATCH = 500

/** A model's vectors of one length: those of another are as strange to them as another model's. */
export interface VectorSpace {
  model: string
  dimensions: number
}

/** Replaces the chapter's vectors of this model; those of other models stay. */
export async function replaceEmbedding(trx: Trx, chapterId: string, embedding: Embedding): Promise<void> {
  const { model, provider, dimensions, chunks } = embedding
  const odd = chunks.find((chunk) => chunk.vector.length !== dimensions)
  if (odd)
    throw new FatalError(
      'embedding-dimensions',
      `${model} gave ${odd.vector.length} dimensions, not ${dimensions}`,
    )

  await trx.deleteFrom('embeddings').where('chapter_id', '=', chapterId).where('model', '=', model).execute()
  for (let first = 0; first < chunks.length; first += BATCH) {
    const rows = chunks.slice(first, first + BATCH).map((chunk) => ({
      chapter_id: chapterId,
      model,
      provider,
      dimensions,
      chunk_index: chunk.index,
      start_ms: chunk.startMs,
      end_ms: chunk.endMs,
      text: chunk.text,
      embedding: JSON.stringify(chunk.vector),
    }))
    await trx.insertInto('embeddings').values(rows).execute()
  }
  const made = { provider, dimensions, chunk_count: chunks.length, created_at: sql<Date>`now()` }
  await trx
    .insertInto('embedded_chapters')
    .values({ chapter_id: chapterId, model, ...made })
    .onConflict((conflict) => conflict.columns(['chapter_id', 'model']).doUpdateSet(made))
    .execute()
}

/**
 * Makes the model's own HNSW index, where it has none: one partial index a model over one untyped column, so that
 * vectors of different models and dimensions never mix. Errors: `embedding-dimensions` above what an index can hold.
 */
export async function ensureVectorIndex(db: Db, { model, dimensions }: VectorSpace): Promise<void> {
  if (!Number.isInteger(dimensions) || dimensions < 1 || dimensions > MOST_DIMENSIONS) {
    throw new FatalError(
      'embedding-dimensions',
      `${model}: an index takes 1 to ${MOST_DIMENSIONS} dimensions, not ${dimensions}`,
    )
  }
  await inTransaction(db, async (trx) => {
    // Of two that find it missing at once, the second would fail by its name.
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx)
    await sql`
      create index if not exists ${sql.id(indexName(model, dimensions))} on embeddings
      using hnsw ((embedding::vector(${sql.lit(dimensions)})) vector_cosine_ops)
      where model = ${sql.lit(model)} and dimensions = ${sql.lit(dimensions)}`.execute(trx)
  })
}

/** "vecindex" in ASCII: any number does that nobody else uses. */
const LOCK = sql.lit('8531319628413461880')

/**
 * For people, and no other model's: two may differ in what a name leaves out, or beyond the 63 bytes Postgres keeps of
 * one.
 */
function indexName(model: string, dimensions: number): string {
  const words = model
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 36)
  const hash = createHash('sha256').update(model).digest('hex').slice(0, 8)
  return `embeddings_${words}_${hash}_${dimensions}`
}
