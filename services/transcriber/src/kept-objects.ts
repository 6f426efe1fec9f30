import { link, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TranscribeDeps } from './transcribe-deps.ts'

/** The recording whose parts this process is at, and the one it goes on to. */
const MOST_KEPT = 2
/** Nothing of it is waiting any more. */
const IDLE_MS = 10 * 60_000

interface Copy {
  path: Promise<string>
  directory: Promise<string>
  /** Runs that wait for it, or are about to link to it: a copy that has some is not given up. */
  users: number
  idle: NodeJS.Timeout
}

/**
 * Copies of stored objects that the parts of a recording share: sixty parts of ten hours fetch it once for each process,
 * not sixty times. A run gets a link in its own directory, so that a copy which is given up stays readable to whoever
 * reads it. Objects that lie on this disk anyway are opened where they are.
 */
export function keptObjects(
  open: TranscribeDeps['openObject'],
  scratchDirectory: string,
): TranscribeDeps['openObject'] {
  const kept = new Map<string, Copy>()

  const giveUp = (objectKey: string, copy: Copy) => {
    if (kept.get(objectKey) === copy) kept.delete(objectKey)
    clearTimeout(copy.idle)
    void copy.directory.then((directory) => rm(directory, { recursive: true, force: true })).catch(() => {})
  }

  const fetchCopy = (objectKey: string, signal: AbortSignal): Copy => {
    const directory = mkdir(scratchDirectory, { recursive: true }).then(() =>
      mkdtemp(join(scratchDirectory, 'kept-')),
    )
    const path = directory.then((inside) => open(objectKey, inside, signal))
    const copy: Copy = {
      ...{ path, directory, users: 0 },
      // Begins anew whenever somebody is done with it.
      idle: setTimeout(() => copy.users === 0 && giveUp(objectKey, copy), IDLE_MS).unref(),
    }
    path.catch(() => giveUp(objectKey, copy))
    return copy
  }

  const take = (objectKey: string, signal: AbortSignal): Copy => {
    const copy = kept.get(objectKey) ?? fetchCopy(objectKey, signal)
    copy.users += 1
    // The one that was asked for last is the last to go.
    kept.delete(objectKey)
    kept.set(objectKey, copy)
    return copy
  }

  const leave = (copy: Copy) => {
    copy.users -= 1
    copy.idle.refresh()
    const spare = [...kept].slice(0, -MOST_KEPT).filter(([, { users }]) => users === 0)
    for (const [oldest, other] of spare) giveUp(oldest, other)
  }

  return async (objectKey, directory, signal) => {
    for (;;) {
      const isMine = !kept.has(objectKey)
      const copy = take(objectKey, signal)
      try {
        const path = await copy.path
        if (!path.startsWith(await copy.directory)) return path
        const own = join(directory, 'object')
        await link(path, own)
        return own
      } catch (error) {
        // Another run's fetch failed or was aborted: ours decides.
        if (isMine || signal.aborted) throw error
        giveUp(objectKey, copy)
      } finally {
        leave(copy)
      }
    }
  }
}
