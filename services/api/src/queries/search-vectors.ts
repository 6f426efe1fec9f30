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

/** Passages nearest to the query in the model's space, best first. Vectors of other models are never compared. */
export async function vectorCandidates(
  db: Db,
  query: QueryVector,
  scope: SearchScope,
  most: number,
): Promise<Candidate[]> {
  const size = sql.lit(query.dimensions)
  const distance = sql<number>`e.embedding::vector(${size}) <=> ${JSON.stringify(query.vector)}::vector(${size})`
  const source = scope.audiobookId === undefined ? sql`embeddings` : oneBook(scope.audiobookId)
  const { rows } = await inTransaction(db, async (trx) => {
    // The index answers the nearest of all; with filters it must go on until there are enough that pass.
    await sql`select set_config('hnsw.iterative_scan', 'strict_order', true)`.execute(trx)
    return await sql<CandidateRow & { distance: number }>`
      select ${CANDIDATE_COLUMNS}, e.start_ms, e.end_ms, e.text, ${distance} as distance
      from ${source} e
        join chapters c on c.id = e.chapter_id
        join audiobooks b on b.id = c.audiobook_id
      where e.model = ${sql.lit(query.model)} and e.dimensions = ${size} and ${visible(scope)}
        and ${isSearchedBy(query.asked)}
      order by ${distance} limit ${most}`.execute(trx)
  })
  const best = 1 - (rows[0]?.distance ?? 1)
  return rows.filter((row) => 1 - row.distance >= Math.max(LEAST_SIMILARITY, best / 2)).map(candidateOf)
}

/** One book's passages are few: all are compared, so that none is missed. */
function oneBook(audiobookId: string) {
  return sql`(
    select * from embeddings where chapter_id in (select id from chapters where audiobook_id = ${audiobookId}) offset 0
  )`
}
