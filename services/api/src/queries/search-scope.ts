import { type RawBuilder, sql } from 'kysely'

/** What a caller may find. */
export interface SearchScope {
  /** Undefined for admins, who see all; others see their own books and public ones. */
  userId: string | undefined
  audiobookId: string | undefined
}

/** A passage that may be a hit: where it is, before anybody looked for the exact place in it. */
export interface Candidate {
  audiobook: { id: string; title: string }
  chapter: { id: string; position: number; title: string }
  startMs: number
  endMs: number
  text: string
}

export const CANDIDATE_COLUMNS = sql.raw(
  'b.id as book_id, b.title as book_title, c.id as chapter_id, c.position, c.title as chapter_title',
)

export interface CandidateRow {
  book_id: string
  book_title: string
  chapter_id: string
  position: number
  chapter_title: string
  start_ms: string
  end_ms: string
  text: string
}

/** For a query over `audiobooks b`. */
export function visible({ userId, audiobookId }: SearchScope): RawBuilder<boolean> {
  const mine = userId === undefined ? sql`true` : sql`(b.is_public or b.owner_id = ${userId})`
  const inBook = audiobookId === undefined ? sql`true` : sql`b.id = ${audiobookId}`
  return sql<boolean>`(${mine} and ${inBook})`
}

export function candidateOf(row: CandidateRow): Candidate {
  return {
    audiobook: { id: row.book_id, title: row.book_title },
    chapter: { id: row.chapter_id, position: row.position, title: row.chapter_title },
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    text: row.text,
  }
}
