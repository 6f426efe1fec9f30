import type { SpeechProvider } from '@app/contracts'
import type { PlannedJob } from './planned-job.ts'

export interface AudiobookToPlan {
  audiobookId: string
  ownerId: string
  language?: string
  /** Who turns it into text, where somebody chose. */
  provider?: SpeechProvider
  /** In reading order. `startMs` and `endMs` cut the chapter out of a file that holds several. */
  chapters: readonly { id: string; mediaId: string; startMs?: number; endMs?: number }[]
}

/**
 * A new audiobook's jobs: per chapter `transcribe` → `embed`; after the first chapter's transcript `summarize`
 * and `tag`. One chapter gives 4 jobs, N give 2N + 2. Chapter 1 takes the high lane, so that something of
 * every book can be read soon, however many chapters wait before it.
 */
export function planAudiobook(book: AudiobookToPlan): PlannedJob[] {
  return book.chapters.flatMap((chapter, index) => {
    const number = index + 1
    const transcribe = `transcribe ${number}`
    const base = {
      lane: index === 0 ? ('high' as const) : ('normal' as const),
      subjectKind: 'audiobook',
      subjectId: book.audiobookId,
      ownerId: book.ownerId,
      chapterId: chapter.id,
    }
    const ofBook = { audiobookId: book.audiobookId, chapterId: chapter.id }
    const jobs: PlannedJob[] = [
      { ...base, key: transcribe, type: 'transcribe', input: soundOf(chapter, book), dependsOn: [] },
      {
        ...base,
        key: `embed ${number}`,
        type: 'embed',
        input: { chapterId: chapter.id },
        dependsOn: [transcribe],
      },
    ]
    if (index > 0) return jobs
    return [
      ...jobs,
      { ...base, key: 'summarize', type: 'summarize', input: ofBook, dependsOn: [transcribe] },
      { ...base, key: 'tag', type: 'tag', input: ofBook, dependsOn: [transcribe] },
    ]
  })
}

function soundOf(
  chapter: AudiobookToPlan['chapters'][number],
  { language, provider }: AudiobookToPlan,
): Record<string, unknown> {
  return {
    chapterId: chapter.id,
    mediaId: chapter.mediaId,
    ...(chapter.startMs === undefined ? {} : { startMs: chapter.startMs }),
    ...(chapter.endMs === undefined ? {} : { endMs: chapter.endMs }),
    ...(language === undefined ? {} : { language }),
    ...(provider === undefined ? {} : { provider }),
  }
}
