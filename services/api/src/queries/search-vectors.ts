import { type Db, inTransaction } from '@app/db'
import { sql } from 'kysely'
import { type Asked, isSearchedBy } from './lagging-models.ts'
import {
  CANDIDATE_COLUMNS,
  type Candidate,
  type CandidateRow,
  candidateOf,
  type SearchScope,
  visible,
} from './search-scope.ts'

export interface QueryVector {
  model: string
  dimensions: number
  vector: readonly number[]
  asked: Asked
}

/** Less alike than this is noise, whatever the model. */
const LEAST_SIMILARITY = 0.05

/**
 * Of the passages that may be found, as many are compared with the query where the index does not lead to enough of
 * them: it gives up after 20,000 that are nearer and somebody else's (pgvector's hnsw.max_scan_tuples).
 */
const MOST_COMPARED = 20_000

/** Passages nearest to the query in the model's space, best first. Vectors of other models are never compared. */
export async function vectorCandidates(
  db: Db,
  query: QueryVector,
  scope: SearchScope,
  most: number,
): Promise<Candidate[]> {
  const seek: Seek = { query, scope, most }
  // One book's passages are few: all are compared, so that none is missed.
  const indexed = scope.audiobookId === undefined ? await byIndex(db, seek) : []
  const compared = indexed.length < most ? await byComparison(db, seek) : []
  const rows = nearestOf([...indexed, ...compared], most)
  const best = 1 - (rows[0]?.distance ?? 1)
  return rows.filter((row) => 1 - row.distance >= Math.max(LEAST_SIMILARITY, best / 2)).map(candidateOf)
}

interface Seek {
  query: QueryVector
  scope: SearchScope
  most: number
}

interface NearRow extends CandidateRow {
  chunk_index: number
  distance: number
}

async function byIndex(db: Db, { query, scope, most }: Seek): Promise<NearRow[]> {
  return await inTransaction(db, async (trx) => {
    // The index answers the nearest of all; with filters it must go on until there are enough that pass.
    await sql`select set_config('hnsw.iterative_scan', 'strict_order', true)`.execute(trx)
    const { rows } = await sql<NearRow>`
      select ${CANDIDATE_COLUMNS}, ${PASSAGE_COLUMNS}, ${distanceTo(query)} as distance
      from embeddings e ${OF_BOOK} where ${isSought(query, scope)}
      order by ${distanceTo(query)} limit ${most}`.execute(trx)
    return rows
  })
}

async function byComparison(db: Db, { query, scope, most }: Seek): Promise<NearRow[]> {
  const { rows } = await sql<NearRow>`
    select * from (
      select ${CANDIDATE_COLUMNS}, ${PASSAGE_COLUMNS}, ${distanceTo(query)} as distance
      from embeddings e ${OF_BOOK} where ${isSought(query, scope)} limit ${MOST_COMPARED}
    ) passages
    order by distance limit ${most}`.execute(db)
  return rows
}

const PASSAGE_COLUMNS = sql.raw('e.chunk_index, e.start_ms, e.end_ms, e.text')
const OF_BOOK = sql.raw('join chapters c on c.id = e.chapter_id join audiobooks b on b.id = c.audiobook_id')

function distanceTo({ dimensions, vector }: QueryVector) {
  const size = sql.lit(dimensions)
  return sql<number>`e.embedding::vector(${size}) <=> ${JSON.stringify(vector)}::vector(${size})`
}

/** Model and dimensions as literals: only so is the index of that model known to hold. */
const isSought = ({ model, dimensions, asked }: QueryVector, scope: SearchScope) => sql`
  e.model = ${sql.lit(model)} and e.dimensions = ${sql.lit(dimensions)} and ${visible(scope)} and ${isSearchedBy(asked)}`

/** Each passage once. */
function nearestOf(rows: readonly NearRow[], most: number): NearRow[] {
  const once = new Map(rows.map((row) => [`${row.chapter_id} ${row.chunk_index}`, row]))
  return [...once.values()].toSorted((a, b) => a.distance - b.distance).slice(0, most)
}
