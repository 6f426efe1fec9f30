import { bookTitle, type Db, transcriptOf } from '@app/db'
import { FatalError } from '@app/runtime'
import type { Reading } from './language/port.ts'

/** The transcript of a book's chapter, with what is known of the book. Error: `transcript-not-found`. */
export async function readChapter(
  db: Db,
  { audiobookId, chapterId }: Record<'audiobookId' | 'chapterId', string>,
): Promise<Reading> {
  const [book, transcript] = await Promise.all([bookTitle(db, audiobookId), transcriptOf(db, chapterId)])
  if (!transcript) throw new FatalError('transcript-not-found', `chapter ${chapterId} has no transcript`)
  return { ...book, language: transcript.language, segments: transcript.segments }
}
