import type { AudiobookJobs } from '@app/contracts'
import { parseVersion, type SseEvent } from '../plan/sse.ts'
import type { BookJobs } from '../queries/book-jobs.ts'

interface BookEventsOptions {
  audiobookId: string
  /** What the client had last; undefined for a new one. */
  lastEventId: string | undefined
  /** From Postgres; undefined where the book is gone. */
  read: (since: string | undefined) => Promise<BookJobs | undefined>
  /** Resolves when something may have changed, and after a while in any case. Rejects when it is time to end. */
  wait: () => Promise<void>
}

/**
 * What a stream of a book's events says: a `snapshot` of all jobs, or for a client that comes back what changed since
 * it left; then `changed` with the jobs that did, the totals always those of all; `removed` when the book is. It reads
 * from Postgres only: what wakes it says nothing. `undefined` is a look that found nothing new.
 */
export async function* bookEvents(options: BookEventsOptions): AsyncGenerator<SseEvent | undefined> {
  const { audiobookId, read, wait } = options
  const sent = new Map<string, string>()
  let since = parseVersion(options.lastEventId)
  for (;;) {
    let found: BookJobs | undefined
    try {
      found = await read(since)
    } catch {
      // Postgres is away: a stream that ended now would come back to a 503, and browsers give up at one.
      yield undefined
      await wait()
      continue
    }
    // A version from the future is from another database, such as one that was restored since.
    if (found && since !== undefined && BigInt(since) > BigInt(found.version)) {
      since = undefined
      found = await read(undefined)
    }
    if (!found) {
      yield { name: 'removed', id: since ?? '0', data: { audiobook_id: audiobookId } }
      return
    }
    const view = since === undefined ? found.view : unsent(found, sent)
    if (since === undefined) yield { name: 'snapshot', id: found.version, data: view }
    else if (view.jobs.length > 0) yield { name: 'changed', id: found.version, data: view }
    else yield undefined
    for (const [jobId, rowVersion] of found.rowVersions) sent.set(jobId, rowVersion)
    since = found.version
    await wait()
  }
}

/** While an old transaction is open the same rows are read again and again: sent once is enough. */
function unsent({ view, rowVersions }: BookJobs, sent: ReadonlyMap<string, string>): AudiobookJobs {
  return { ...view, jobs: view.jobs.filter((job) => sent.get(job.id) !== rowVersions.get(job.id)) }
}
