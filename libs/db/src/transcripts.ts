import type { Segment, Transcript } from '@app/contracts'
import { type Selectable, sql } from 'kysely'
import type { Db, Trx } from './connect.ts'
import type { Database } from './schema.ts'

/** Segments a statement: a long book's have more parameters together than Postgres takes (65,535). */
const BATCH = 1_000

/** The full-text configuration for a language: stems for English, plain words for what we can't stem well. */
export const textSearchConfig = (language: string): 'english' | 'simple' =>
  /^en(-|$)/i.test(language) ? 'english' : 'simple'

/** Replaces the chapter's whole transcript, so a repeated run writes the same rows again. Returns its id. */
export async function replaceTranscript(
  trx: Trx,
  chapterId: string,
  transcript: Transcript,
): Promise<string> {
  await trx.deleteFrom('transcripts').where('chapter_id', '=', chapterId).execute()
  const { id } = await trx
    .insertInto('transcripts')
    .values({
      chapter_id: chapterId,
      language: transcript.language,
      provider: transcript.provider,
      model: transcript.model,
      duration_ms: transcript.durationMs,
      word_count: transcript.segments.reduce((sum, segment) => sum + segment.words.length, 0),
      language_confidence: transcript.languageConfidence ?? null,
      seconds_billed: transcript.secondsBilled ?? null,
      cost_usd: transcript.costUsd ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  for (let first = 0; first < transcript.segments.length; first += BATCH) {
    await insertSegments(trx, id, transcript, first)
  }
  return id
}

/** A segment is also found by the words of the one after it: a phrase may run over the pause between two. */
async function insertSegments(trx: Trx, id: string, transcript: Transcript, first: number): Promise<void> {
  const { segments } = transcript
  const rows = segments.slice(first, first + BATCH).map((segment, offset) => ({
    segment_index: first + offset,
    start_ms: segment.startMs,
    end_ms: segment.endMs,
    text: segment.text,
    speaker: segment.speaker ?? null,
    words: segment.words,
    confidence: segment.confidence ?? null,
    times_estimated: segment.timesEstimated ?? false,
    doubtful: segment.doubtful ?? null,
    next_text: segments[first + offset + 1]?.text ?? '',
  }))
  const config = textSearchConfig(transcript.language)
  await sql`
    insert into transcript_segments (
      transcript_id, segment_index, start_ms, end_ms, text, speaker, words, confidence, times_estimated, doubtful, search
    )
    select ${id}, segment_index, start_ms, end_ms, text, speaker, words, confidence, times_estimated, doubtful,
      setweight(to_tsvector(${config}::regconfig, text), 'A') ||
      setweight(to_tsvector(${config}::regconfig, next_text), 'D')
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (
      segment_index int, start_ms bigint, end_ms bigint, text text, speaker text, words jsonb,
      confidence double precision, times_estimated boolean, doubtful text, next_text text
    )`.execute(trx)
}

/** A chapter's transcript with all its words; undefined while there is none. */
export async function transcriptOf(db: Db, chapterId: string): Promise<Transcript | undefined> {
  const head = await db
    .selectFrom('transcripts')
    .selectAll()
    .where('chapter_id', '=', chapterId)
    .executeTakeFirst()
  if (!head) return undefined
  const rows = await db
    .selectFrom('transcript_segments')
    .select(['start_ms', 'end_ms', 'text', 'speaker', 'words', 'confidence', 'times_estimated', 'doubtful'])
    .where('transcript_id', '=', head.id)
    .orderBy('segment_index')
    .execute()
  return {
    language: head.language,
    provider: head.provider,
    model: head.model,
    durationMs: Number(head.duration_ms),
    segments: rows.map(segmentOf),
    ...known('languageConfidence', head.language_confidence),
    ...known('secondsBilled', head.seconds_billed),
    ...known('costUsd', head.cost_usd),
  }
}

type SegmentRow = Pick<
  Selectable<Database['transcript_segments']>,
  'start_ms' | 'end_ms' | 'text' | 'speaker' | 'words' | 'confidence' | 'times_estimated' | 'doubtful'
>

function segmentOf(row: SegmentRow): Segment {
  return {
    startMs: Number(row.start_ms),
    endMs: Number(row.end_ms),
    text: row.text,
    words: row.words,
    ...known('speaker', row.speaker),
    ...known('confidence', row.confidence),
    ...(row.times_estimated ? { timesEstimated: true } : {}),
    ...known('doubtful', row.doubtful),
  }
}

/** A field that is left out where its column has nothing. */
function known<Key extends string, Value>(key: Key, value: Value | null): { [key in Key]?: Value } {
  return value === null ? {} : ({ [key]: value } as { [key in Key]: Value })
}
