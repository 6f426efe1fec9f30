import type { AudiobookJobs } from '@app/contracts'
import type { SseEvent } from '../plan/sse.ts'
import type { BookJobs } from '../queries/book-jobs.ts'
import { changesOf, type Watched } from './changes.ts'

interface BookEventsOptions {
  audiobookId: string
  lastEventId: string | undefined
  read: (since: string | undefined) => Promise<BookJobs | undefined>
  wait: () => Promise<void>
}

/** A book's events: all its jobs, then those that changed; the totals are always those of all. */
export function bookEvents({
  audiobookId,
  ...options
}: BookEventsOptions): AsyncGenerator<SseEvent | undefined> {
  return changesOf({ ...options, unsent, removed: { audiobook_id: audiobookId } })
}

/** While an old transaction is open the same rows are read again and again: sent once is enough. */
function unsent(
  { view, rowVersions }: Watched<AudiobookJobs>,
  sent: ReadonlyMap<string, string>,
): AudiobookJobs | undefined {
  const jobs = view.jobs.filter((job) => sent.get(job.id) !== rowVersions.get(job.id))
  return jobs.length === 0 ? undefined : { ...view, jobs }
}
