import type { CLIP_TEXT } from './clip.ts'
import type { PlannedJob } from './planned-job.ts'

/**
 * Jobs about a book's text that are no part of making the book: they are not listed or counted among its jobs, and its
 * status is none of theirs.
 */
export const BOOK_TEXT = 'audiobook-text'

/** What the jobs about a book are about. */
export const BOOK_KINDS: readonly string[] = ['audiobook', BOOK_TEXT]

export interface BookText {
  audiobookId: string
  ownerId: string
  /** Where it is about one chapter. */
  chapterId?: string
}

/** What somebody wants to know of a text, or have made of it: one job. */
export function planTextWork(
  { audiobookId, ownerId, chapterId }: BookText,
  work: { type: 'analyze' | 'describe' } | { type: 'translate'; language: string },
): PlannedJob {
  const { type } = work
  return {
    ...{ key: type, type, lane: 'normal', subjectKind: BOOK_TEXT, subjectId: audiobookId, ownerId },
    ...(chapterId === undefined ? {} : { chapterId }),
    input: {
      audiobookId,
      ...(chapterId === undefined ? {} : { chapterId }),
      ...('language' in work ? { language: work.language } : {}),
    },
    dependsOn: [],
  }
}

/** A chapter whose vectors are another model's, and the thing that it is of. */
export interface ChapterToEmbed {
  chapterId: string
  ownerId: string
  subjectKind: typeof BOOK_TEXT | typeof CLIP_TEXT
  subjectId: string
}

/** Makes a chapter searchable by another model than it is by now, whenever there is nothing better to do. */
export function planEmbeddingAnew({ chapterId, ...of }: ChapterToEmbed): PlannedJob {
  return { ...of, key: chapterId, type: 'embed', lane: 'low', chapterId, input: { chapterId }, dependsOn: [] }
}
