import { parseVersion, type SseEvent } from '../plan/sse.ts'

/** What was read of a thing from Postgres, and the version to ask from next time. */
export interface Watched<View> {
  version: string
  view: View
  /** What tells apart how each part stands that was written since the version asked for. */
  rowVersions: ReadonlyMap<string, string>
}

interface ChangesOptions<View> {
  /** What the client had last; undefined for a new one. */
  lastEventId: string | undefined
  /** From Postgres, all or what was written since a version; undefined where the thing is gone. */
  read: (since: string | undefined) => Promise<Watched<View> | undefined>
  /** What of it the client has not been told, by the row versions it was; undefined where that is nothing. */
  unsent: (found: Watched<View>, sent: ReadonlyMap<string, string>) => View | undefined
  /** Whether nothing more is to be expected. */
  isEnd?: (view: View) => boolean
  /** What is said of a thing that is gone. */
  removed: unknown
  /** Resolves when something may have changed, and after a while in any case. Rejects when it is time to end. */
  wait: () => Promise<void>
}

/**
 * What a stream of events about a thing says: a `snapshot` of all of it, or for a client that comes back what changed
 * since it left; then `changed` with what did; `removed` when the thing is. It reads from Postgres only: what wakes it
 * says nothing. `undefined` is a look that found nothing new.
 */
export async function* changesOf<View>(options: ChangesOptions<View>): AsyncGenerator<SseEvent | undefined> {
  const { read, wait, unsent, isEnd = () => false } = options
  const sent = new Map<string, string>()
  let since = parseVersion(options.lastEventId)
  for (;;) {
    let found: Watched<View> | undefined
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
      yield { name: 'removed', id: since ?? '0', data: options.removed }
      return
    }
    const view = since === undefined ? found.view : unsent(found, sent)
    const name = since === undefined ? 'snapshot' : 'changed'
    yield view === undefined ? undefined : { name, id: found.version, data: view }
    if (isEnd(found.view)) return
    for (const [part, rowVersion] of found.rowVersions) sent.set(part, rowVersion)
    since = found.version
    await wait()
  }
}
