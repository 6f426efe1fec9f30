import { FatalError } from '@app/runtime'
import type { Db } from './connect.ts'

/** A text that is read: a book's, or one chapter's. A chapter without a book is a clip's. */
export interface TextOf {
  audiobookId?: string | undefined
  chapterId?: string | undefined
}

/**
 * What a book or clip is called, for whoever writes about it. Errors: `audiobook-not-found` and `clip-not-found`, where it
 * was deleted meanwhile.
 */
export async function titleOf(
  db: Db,
  { audiobookId, chapterId }: TextOf,
): Promise<{ title: string; author: string }> {
  if (audiobookId !== undefined) return await bookTitle(db, audiobookId)
  const clip = await clipTitle(db, chapterId)
  if (!clip) throw new FatalError('clip-not-found', `there is no clip of chapter ${chapterId}`)
  return clip
}

async function clipTitle(
  db: Db,
  chapterId: string | undefined,
): Promise<{ title: string; author: string } | undefined> {
  if (chapterId === undefined) return undefined
  const row = await db
    .selectFrom('chapters')
    .innerJoin('clips', 'clips.id', 'chapters.clip_id')
    .select(['clips.title', 'clips.author'])
    .where('chapters.id', '=', chapterId)
    .executeTakeFirst()
  return row && { title: row.title ?? '', author: row.author ?? '' }
}

/** What a book is called. Error: `audiobook-not-found`. */
async function bookTitle(db: Db, audiobookId: string): Promise<{ title: string; author: string }> {
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

/** As many chapters as anybody's names are looked for in. */
const MOST_CHAPTERS = 200

/**
 * Names that are likely to be spoken in a chapter, the likeliest first: its own title, the book's and its author's, and
 * those of the chapters about it; a clip's title and its author. None where the thing was deleted meanwhile.
 */
export async function namesOfChapter(db: Db, chapterId: string): Promise<string[]> {
  const book = await db
    .selectFrom('chapters')
    .innerJoin('audiobooks', 'audiobooks.id', 'chapters.audiobook_id')
    .select(['audiobooks.id', 'audiobooks.title', 'audiobooks.author', 'chapters.title as chapter'])
    .where('chapters.id', '=', chapterId)
    .executeTakeFirst()
  if (!book) {
    const clip = await clipTitle(db, chapterId)
    return clip ? [...new Set([clip.title, clip.author])].filter((name) => name.trim() !== '') : []
  }
  const others = await db
    .selectFrom('chapters')
    .select('title')
    .where('audiobook_id', '=', book.id)
    .where('id', '!=', chapterId)
    .orderBy('position')
    .limit(MOST_CHAPTERS)
    .execute()
  const names = [book.title, book.author, book.chapter, ...others.map(({ title }) => title)]
  return [...new Set(names)].filter((name) => name.trim() !== '')
}
