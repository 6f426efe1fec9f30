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

/** Makes a chapter searchable by another model than it is by now, whenever there is nothing better to do. */
export function planEmbeddingAnew({ audiobookId, ownerId, chapterId }: Required<BookText>): PlannedJob {
  return {
    ...{ key: chapterId, type: 'embed', lane: 'low', subjectKind: BOOK_TEXT, subjectId: audiobookId },
    ...{ ownerId, chapterId, input: { chapterId }, dependsOn: [] },
  }
}
