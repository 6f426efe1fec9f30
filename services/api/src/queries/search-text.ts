import type { Db } from '@app/db'
import { type RawBuilder, sql } from 'kysely'
import {
  CANDIDATE_COLUMNS,
  type Candidate,
  type CandidateRow,
  candidateOf,
  type SearchScope,
  visible,
} from './search-scope.ts'

/**
 * Segments that hold words of the query, best first: those with most of its words, then the densest. Words are OR-ed,
 * because a recogniser may have misheard some. Segments are indexed in the way of their transcript's language, so the
 * query is put in both ways (`textSearchConfig` in libs/db decides the same).
 */
export async function textCandidates(
  db: Db,
  query: string,
  scope: SearchScope,
  most: number,
): Promise<Candidate[]> {
  const [english, simple] = [anyWordOf('english', query), anyWordOf('simple', query)]
  const isEnglish = sql<boolean>`t.language ~* '^en(-|$)'`
  const { rows } = await sql<CandidateRow>`
    select ${CANDIDATE_COLUMNS}, s.start_ms, s.end_ms, s.text,
      cardinality(array(
        select unnest(tsvector_to_array(s.search)) intersect select unnest(tsvector_to_array(
          case when ${isEnglish} then to_tsvector('english', ${query}) else to_tsvector('simple', ${query}) end
        ))
      )) as matched,
      ts_rank(s.search, case when ${isEnglish} then ${english} else ${simple} end) as density
    from transcript_segments s
      join transcripts t on t.id = s.transcript_id
      join chapters c on c.id = t.chapter_id
      join audiobooks b on b.id = c.audiobook_id
    where s.search @@ (${english} || ${simple})
      and s.search @@ case when ${isEnglish} then ${english} else ${simple} end
      and ${visible(scope)}
    order by matched desc, density desc, s.transcript_id, s.segment_index
    limit ${most}`.execute(db)
  return rows.map(candidateOf)
}

/** The text of a parsed query is always well-formed: lexemes are quoted, so " & " can only be the operator. */
function anyWordOf(config: 'english' | 'simple', query: string): RawBuilder<unknown> {
  const parsed = sql`plainto_tsquery(${sql.lit(config)}::regconfig, ${query})`
  return sql`(replace(${parsed}::text, ' & ', ' | ')::tsquery)`
}
