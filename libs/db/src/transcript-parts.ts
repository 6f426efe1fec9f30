import type { RecordingPart, Segment, Transcript } from '@app/contracts'
import { sql } from 'kysely'
import type { Db, Trx } from './connect.ts'

/** Whose part it is: of which job's recording, the how manieth from 0, for which chapter. */
export interface PartPlace {
  transcribeId: string
  index: number
  chapterId: string
}

/** What is known of a part beside its words. */
export interface PartHead extends Omit<Transcript, 'segments'> {
  index: number
  part: RecordingPart
  wordCount: number
}

/** Keeps what a part gave, its times counting from its own start; again, should it have run twice. */
export async function keepPart(
  trx: Trx,
  { transcribeId, index, chapterId }: PartPlace,
  { part, transcript }: { part: RecordingPart; transcript: Transcript },
): Promise<void> {
  const row = { part: JSON.stringify(part), transcript: JSON.stringify(transcript) }
  await trx
    .insertInto('transcript_parts')
    .values({ transcribe_id: transcribeId, part_index: index, chapter_id: chapterId, ...row })
    .onConflict((on) => on.columns(['transcribe_id', 'part_index']).doUpdateSet(row))
    .execute()
}

/** All parts that are kept for a job, in order, without their words: a hundred hours have six hundred. */
export async function partHeads(db: Db, transcribeId: string): Promise<PartHead[]> {
  const { rows } = await sql<{ index: number; part: RecordingPart; head: PartHead; words: number }>`
    select part_index as index, part, transcript - 'segments' as head, (
      select coalesce(sum(jsonb_array_length(segment->'words')), 0)::int
      from jsonb_array_elements(transcript->'segments') segment
    ) as words
    from transcript_parts where transcribe_id = ${transcribeId} order by part_index`.execute(db)
  return rows.map(({ index, part, head, words }) => ({ ...head, index, part, wordCount: words }))
}

/** The words of one part; none where it is not kept. */
export async function partSegments(db: Db, transcribeId: string, index: number): Promise<Segment[]> {
  const row = await db
    .selectFrom('transcript_parts')
    .select(sql<Segment[]>`transcript->'segments'`.as('segments'))
    .where('transcribe_id', '=', transcribeId)
    .where('part_index', '=', index)
    .executeTakeFirst()
  return row?.segments ?? []
}

/** Forgets the parts of a job, which are joined, or all of a chapter, whose recording is cut anew. */
export async function forgetParts(
  trx: Trx,
  whose: { transcribeId: string } | { chapterId: string },
): Promise<void> {
  const parts = trx.deleteFrom('transcript_parts')
  const mine =
    'chapterId' in whose
      ? parts.where('chapter_id', '=', whose.chapterId)
      : parts.where('transcribe_id', '=', whose.transcribeId)
  await mine.execute()
}
