import { type Db, type TextOf, titleOf, transcribedChapters, transcriptOf } from '@app/db'
import { FatalError } from '@app/runtime'
import type { Reading } from './language/port.ts'

type Segments = Reading['segments']

/**
 * What is to be read, with what is known of its book or clip: a chapter's transcript, or where none is named those of all
 * chapters that have one, times counted from the book's start. Errors: `transcript-not-found`, `audiobook-not-found`,
 * `clip-not-found`.
 */
export async function readText(db: Db, of: TextOf): Promise<Reading> {
  const { audiobookId = '', chapterId } = of
  const title = await titleOf(db, of)
  const text = chapterId === undefined ? await readBook(db, audiobookId) : await readChapter(db, chapterId)
  return { ...title, ...text }
}

async function readChapter(db: Db, chapterId: string): Promise<{ language: string; segments: Segments }> {
  const transcript = await transcriptOf(db, chapterId)
  if (!transcript) throw new FatalError('transcript-not-found', `chapter ${chapterId} has no transcript`)
  return { language: transcript.language, segments: transcript.segments.map(withoutWords(0)) }
}

async function readBook(db: Db, audiobookId: string): Promise<{ language: string; segments: Segments }> {
  const languages: string[] = []
  const segments: Segments[number][] = []
  // One after the other: of a long book all words at once would be more than all texts.
  for (const { id, startMs } of await transcribedChapters(db, audiobookId)) {
    const transcript = await transcriptOf(db, id)
    if (!transcript) continue
    languages.push(transcript.language)
    for (const segment of transcript.segments) segments.push(withoutWords(startMs)(segment))
  }
  const [language] = languages
  if (language === undefined) {
    throw new FatalError('transcript-not-found', `no chapter of audiobook ${audiobookId} has a transcript`)
  }
  return { language, segments }
}

const withoutWords =
  (offsetMs: number) =>
  ({ text, startMs, endMs, speaker }: Segments[number]): Segments[number] => ({
    ...{ text, startMs: startMs + offsetMs, endMs: endMs + offsetMs },
    ...(speaker === undefined ? {} : { speaker }),
  })
