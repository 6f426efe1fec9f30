import { FatalError } from '@app/runtime'
import type { Db } from './connect.ts'

/** What a book is called, for whoever writes about it. Error: `audiobook-not-found`, where it was deleted meanwhile. */
export async function bookTitle(db: Db, audiobookId: string): Promise<{ title: string; author: string }> {
  const row = await db
    .selectFrom('audiobooks')
    .select(['title', 'author'])
    .where('id', '=', audiobookId)
    .executeTakeFirst()
  if (!row) throw new FatalError('audiobook-not-found', `there is no audiobook ${audiobookId}`)
  return row
}

/** A book's chapters that have a transcript, in reading order, each with where it begins in the book. */
export async function transcribedChapters(
  db: Db,
  audiobookId: string,
): Promise<{ id: string; title: string; startMs: number }[]> {
  const rows = await db
    .selectFrom('chapters as c')
    .leftJoin('transcripts as t', 't.chapter_id', 'c.id')
    .select(['c.id', 'c.title', 'c.start_ms', 'c.end_ms', 't.id as transcript_id'])
    .where('c.audiobook_id', '=', audiobookId)
    .orderBy('c.position')
    .execute()
  let startMs = 0
  return rows.flatMap(({ id, title, transcript_id, start_ms, end_ms }) => {
    const chapter = { id, title, startMs }
    startMs += Number(end_ms) - Number(start_ms)
    return transcript_id === null ? [] : [chapter]
  })
}
