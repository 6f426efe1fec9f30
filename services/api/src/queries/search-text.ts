import { searchableText } from '@app/contracts'
import type { Db } from '@app/db'
import { type RawBuilder, sql } from 'kysely'
import { COMMON, planTextQuery, type Term, type TextQuery } from '../plan/text-query.ts'
import {
  CANDIDATE_COLUMNS,
  type Candidate,
  type CandidateRow,
  candidateOf,
  type SearchScope,
  visible,
} from './search-scope.ts'

/**
 * Segments that hold words of the query, best first: those with most of its words, then the densest. Segments are
 * indexed in the way of their transcript's language, so each way of reading the query looks among its own
 * (`textSearchConfig` in libs/db decides the same).
 */
export async function textCandidates(
  db: Db,
  query: string,
  scope: SearchScope,
  most: number,
): Promise<Candidate[]> {
  const terms = await termsOf(db, searchableText(query))
  const [english, simple] = await Promise.all([
    ranked(db, planTextQuery(terms.english), sql`t.language ~* '^en(-|$)'`, scope, most),
    ranked(db, planTextQuery(terms.simple), sql`t.language !~* '^en(-|$)'`, scope, most),
  ])
  return [...english, ...simple]
    .toSorted((a, b) => b.matched - a.matched || b.density - a.density)
    .slice(0, most)
    .map(candidateOf)
}

interface RankedRow extends CandidateRow {
  matched: number
  density: number
}

async function ranked(
  db: Db,
  query: TextQuery | undefined,
  ofLanguage: RawBuilder<unknown>,
  scope: SearchScope,
  most: number,
): Promise<RankedRow[]> {
  if (!query) return []
  const matches = query.terms.map((term) => sql`(s.search @@ ${term}::tsquery)::int`)
  const { rows } = await sql<RankedRow>`
    select ${CANDIDATE_COLUMNS}, s.start_ms, s.end_ms, s.text,
      ${sql.join(matches, sql` + `)} as matched, ts_rank(s.search, ${query.any}::tsquery) as density
    from transcript_segments s
      join transcripts t on t.id = s.transcript_id
      join chapters c on c.id = t.chapter_id
      join audiobooks b on b.id = c.audiobook_id
    where s.search @@ ${query.worthRanking}::tsquery and ${ofLanguage} and ${visible(scope)}
    order by matched desc, density desc, s.transcript_id, s.segment_index
    limit ${most}`.execute(db)
  return rows
}

/** The query's words in both forms, each with how common it is. */
async function termsOf(db: Db, query: string): Promise<{ english: Term[]; simple: Term[] }> {
  const { rows } = await sql<Term & { config: 'english' | 'simple' }>`
    select config, lexeme, (
      select count(*)::int from (
        select from transcript_segments s
        where s.search @@ ${QUOTED_LEXEME}::tsquery limit ${COMMON}
      ) few
    ) as passages
    from (
      select 'english' as config, unnest(tsvector_to_array(to_tsvector('english', ${query}))) as lexeme
      union all
      select 'simple', unnest(tsvector_to_array(to_tsvector('simple', ${query})))
    ) terms`.execute(db)
  const ofConfig = (config: string) => rows.filter((row) => row.config === config)
  return { english: ofConfig('english'), simple: ofConfig('simple') }
}

/** As `planTextQuery` quotes one. */
const QUOTED_LEXEME = sql.raw(String.raw`('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')`)
