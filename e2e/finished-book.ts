import type { AudiobookJobs } from '@app/contracts'
import type { ApiClient } from '../scripts/demo/client/api-client.ts'
import { followBook } from '../scripts/demo/client/follow-book.ts'

/** Everything that became of a book, without what differs from book to book: ids, times and addresses. */
export interface FinishedBook {
  jobs: AudiobookJobs
  chapters: { title: string; text: string; wordTimes: number[] }[]
  summary: string | undefined
  tags: string[] | undefined
}

/** Follows a book to its end and reads what became of it. */
export async function finishedBook(api: ApiClient, audiobookId: string): Promise<FinishedBook> {
  for await (const _ of followBook(api, audiobookId));
  const [jobs, book] = await Promise.all([api.jobs(audiobookId), api.audiobook(audiobookId)])
  const chapters = book.chapters.map(async ({ id, title, transcript }) => {
    const segments = transcript ? (await api.transcript(id)).segments : []
    return {
      title,
      text: segments.map((segment) => segment.text).join(' '),
      wordTimes: segments.flatMap(({ words }) => words.map((word) => word.startMs)),
    }
  })
  return { jobs, chapters: await Promise.all(chapters), summary: book.summary?.text, tags: book.tags?.tags }
}
