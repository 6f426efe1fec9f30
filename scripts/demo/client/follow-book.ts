import { AudiobookEvent, type AudiobookJobs, type JobView } from '@app/contracts'
import { abortableDelay, FatalError } from '@app/runtime'
import type { ApiClient } from './api-client.ts'
import { ApiError } from './api-error.ts'

type Source = Pick<ApiClient, 'events' | 'jobs'>

const PAUSE_MS = 1_000
/** A service that was killed is back after a second or two; one that is away this long stays away. */
const PATIENCE_MS = 60_000
/** A connection may die without a word, so one that has no news this long is opened anew. */
const QUIET_MS = 30_000
/** A book in which nothing moves for so long has nobody at work on it. */
const STALLED_MS = 10 * 60_000

interface FollowOptions {
  signal?: AbortSignal | undefined
  stalledMs?: number
  /** Before a stream that broke is opened again. */
  pauseMs?: number
}

/** The book's jobs, all of them, each time one has changed, until nothing can run any more. */
export async function* followBook(
  api: Source,
  audiobookId: string,
  { signal, stalledMs = STALLED_MS, pauseMs = PAUSE_MS }: FollowOptions = {},
): AsyncGenerator<AudiobookJobs> {
  let last = ''
  let movedAtMs = performance.now()
  for await (const view of looksAt(api, audiobookId, { signal, pauseMs })) {
    const text = JSON.stringify(view)
    if (text !== last) {
      movedAtMs = performance.now()
      last = text
      yield view
    }
    if (view.overall_status !== 'processing') return
    if (performance.now() - movedAtMs > stalledMs) throw stalled(stalledMs)
  }
}

/**
 * From the event stream, resumed where it broke off. Whenever it breaks the jobs are asked for as well, so a client
 * whose streams never open sees them all the same.
 */
async function* looksAt(
  api: Source,
  audiobookId: string,
  { signal, pauseMs }: { signal: AbortSignal | undefined; pauseMs: number },
): AsyncGenerator<AudiobookJobs> {
  const jobs = new Map<string, JobView>()
  const patience = createPatience(signal)
  let lastEventId: string | undefined
  for (;;) {
    try {
      for await (const { id, view } of streamed(api, audiobookId, lastEventId, signal)) {
        lastEventId = id
        patience.renew()
        yield merge(jobs, view)
      }
    } catch (error) {
      patience.spend(error)
    }
    try {
      const view = await api.jobs(audiobookId)
      patience.renew()
      yield merge(jobs, view)
    } catch (error) {
      patience.spend(error)
    }
    await abortableDelay(pauseMs, signal)
  }
}

async function* streamed(
  api: Source,
  audiobookId: string,
  lastEventId: string | undefined,
  signal: AbortSignal | undefined,
) {
  const quiet = new AbortController()
  const timer = setTimeout(() => quiet.abort(), QUIET_MS)
  const either = AbortSignal.any([quiet.signal, ...(signal ? [signal] : [])])
  try {
    for await (const { id, name, data } of api.events(audiobookId, lastEventId, either)) {
      timer.refresh()
      if (name === 'removed') throw new FatalError('audiobook-removed', 'the audiobook was removed')
      yield { id, view: AudiobookEvent.parse(JSON.parse(data)) }
    }
  } finally {
    clearTimeout(timer)
  }
}

/** A change carries only the jobs that changed; the totals are always those of all. */
function merge(jobs: Map<string, JobView>, view: AudiobookJobs): AudiobookJobs {
  for (const job of view.jobs) jobs.set(job.id, job)
  return { ...view, jobs: [...jobs.values()] }
}

/** Rides out an API that is away for a while; passes on what waiting can't mend. */
function createPatience(signal: AbortSignal | undefined) {
  let awaySinceMs: number | undefined
  return {
    renew() {
      awaySinceMs = undefined
    },
    spend(error: unknown) {
      signal?.throwIfAborted()
      if (error instanceof FatalError && error.code !== 'api-unreachable') throw error
      if (error instanceof ApiError && error.status < 500 && error.status !== 429) throw error
      awaySinceMs ??= performance.now()
      if (performance.now() - awaySinceMs > PATIENCE_MS) throw error
    },
  }
}

function stalled(afterMs: number): FatalError {
  return new FatalError('book-stalled', `no job has moved for ${Math.round(afterMs / 60_000)} minutes`)
}
