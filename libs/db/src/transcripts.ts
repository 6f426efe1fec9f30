import { type Segment, searchableText, type Transcript } from '@app/contracts'
import { type Selectable, sql } from 'kysely'
import type { Db, Trx } from './connect.ts'
import type { Database } from './schema.ts'

/** Segments a statement: what is held of a book of any length while it is written, three times over. */
const BATCH = 250

/** The full-text configuration for a language: stems for English, plain words for what we can't stem well. */
export const textSearchConfig = (language: string): 'english' | 'simple' =>
  /^en(-|$)/i.test(language) ? 'english' : 'simple'

/** What a transcript is beside its segments. */
export type TranscriptHead = Omit<Transcript, 'segments'>

/** Replaces the chapter's whole transcript, so a repeated run writes the same rows again. Returns its id. */
export async function replaceTranscript(
  trx: Trx,
  chapterId: string,
  { segments, ...head }: Transcript,
): Promise<string> {
  return (await replaceTranscriptFrom(trx, chapterId, head, segments)).id
}

/** The same with segments as they come, of which a few hundred are held at a time; also says how much they were. */
export async function replaceTranscriptFrom(
  trx: Trx,
  chapterId: string,
  head: TranscriptHead,
  segments: Iterable<Segment> | AsyncIterable<Segment>,
): Promise<{ id: string; segmentCount: number; wordCount: number }> {
  await trx.deleteFrom('transcripts').where('chapter_id', '=', chapterId).execute()
  const { id } = await trx
    .insertInto('transcripts')
    .values({
      chapter_id: chapterId,
      language: head.language,
      provider: head.provider,
      model: head.model,
      duration_ms: head.durationMs,
      word_count: 0,
      language_confidence: head.languageConfidence ?? null,
      seconds_billed: head.secondsBilled ?? null,
      instead_of: head.insteadOf ?? null,
      cost_usd: head.costUsd ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  const counts = await insertAll(trx, { id, language: head.language }, segments)
  await trx.updateTable('transcripts').set({ word_count: counts.wordCount }).where('id', '=', id).execute()
  return { id, ...counts }
}

interface TranscriptRow {
  id: string
  language: string
}

async function insertAll(
  trx: Trx,
  transcript: TranscriptRow,
  segments: Iterable<Segment> | AsyncIterable<Segment>,
): Promise<{ segmentCount: number; wordCount: number }> {
  const counts = { segmentCount: 0, wordCount: 0 }
  let waiting: Segment[] = []
  const insert = async (batch: readonly Segment[], next?: Segment) => {
    await insertSegments(trx, transcript, batch, { first: counts.segmentCount, next })
    counts.segmentCount += batch.length
  }
  for await (const segment of segments) {
    counts.wordCount += segment.words.length
    if (waiting.length === BATCH) {
      await insert(waiting, segment)
      waiting = []
    }
    waiting.push(segment)
  }
  if (waiting.length > 0) await insert(waiting)
  return counts
}

/** A segment is also found by the words of the one after it: a phrase may run over the pause between two. */
async function insertSegments(
  trx: Trx,
  { id, language }: TranscriptRow,
  segments: readonly Segment[],
  { first, next }: { first: number; next: Segment | undefined },
): Promise<void> {
  const rows = segments.map((segment, offset) => ({
    segment_index: first + offset,
    start_ms: segment.startMs,
    end_ms: segment.endMs,
    text: segment.text,
    speaker: segment.speaker ?? null,
    words: segment.words,
    confidence: segment.confidence ?? null,
    times_estimated: segment.timesEstimated ?? false,
    doubtful: segment.doubtful ?? null,
    searched: searchableText(segment.text),
    next_searched: searchableText((segments[offset + 1] ?? next)?.text ?? ''),
  }))
  const config = textSearchConfig(language)
  await sql`
    insert into transcript_segments (
      transcript_id, segment_index, start_ms, end_ms, text, speaker, words, confidence, times_estimated, doubtful, search
    )
    select ${id}, segment_index, start_ms, end_ms, text, speaker, words, confidence, times_estimated, doubtful,
      setweight(to_tsvector(${config}::regconfig, searched), 'A') ||
      setweight(to_tsvector(${config}::regconfig, next_searched), 'D')
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (
      segment_index int, start_ms bigint, end_ms bigint, text text, speaker text, words jsonb,
      confidence double precision, times_estimated boolean, doubtful text, searched text, next_searched text
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
    ...known('insteadOf', head.instead_of),
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
