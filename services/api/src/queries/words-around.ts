import { type Piece, type Segment, searchWordsIn, timedPieces } from '@app/contracts'
import type { Db } from '@app/db'
import { sql } from 'kysely'

interface Place {
  chapterId: string
  startMs: number
  endMs: number
}

/** The words said in each of these places, with their times; one query however many there are. */
export async function wordsAround(db: Db, places: readonly Place[]): Promise<Piece[][]> {
  if (places.length === 0) return []
  const wanted = places.map((place, index) => ({ index, ...place }))
  const { rows } = await sql<{ index: number; segment: Segment }>`
    select p.index, json_build_object(
      'startMs', s.start_ms, 'endMs', s.end_ms, 'text', s.text, 'words', s.words
    ) as segment
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
        as p (index int, "chapterId" uuid, "startMs" bigint, "endMs" bigint)
      join transcripts t on t.chapter_id = p."chapterId"
      join transcript_segments s on s.transcript_id = t.id
        and s.start_ms < p."endMs" and s.end_ms > p."startMs"
    order by p.index, s.segment_index`.execute(db)
  const words: Piece[][] = places.map(() => [])
  for (const { index, segment } of rows) {
    // As they are searched: the place of a query is found among words, not among sentences.
    words[index]?.push(...timedPieces(segment, searchWordsIn))
  }
  return words
}
