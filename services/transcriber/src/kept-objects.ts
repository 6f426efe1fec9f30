import { link, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { TranscribeDeps } from './transcribe-deps.ts'

/** The recording whose parts this process is at, and the one it goes on to. */
const MOST_KEPT = 2
/** Nothing of it is waiting any more. */
const IDLE_MS = 10 * 60_000

/**
 * Copies of stored objects that the parts of a recording share: sixty parts of ten hours fetch it once for each process,
 * not sixty times. A run gets a link in its own directory, so that a copy which is given up stays readable to whoever
 * reads it. Objects that lie on this disk anyway are opened where they are.
 */
export function keptObjects(
  open: TranscribeDeps['openObject'],
  scratchDirectory: string,
): TranscribeDeps['openObject'] {
  const kept = new Map<string, { path: Promise<string>; directory: Promise<string>; idle: NodeJS.Timeout }>()

  const giveUp = (objectKey: string) => {
    const copy = kept.get(objectKey)
    if (!copy) return
    kept.delete(objectKey)
    clearTimeout(copy.idle)
    void copy.directory.then((directory) => rm(directory, { recursive: true, force: true })).catch(() => {})
  }

  const fetchCopy = (objectKey: string, signal: AbortSignal) => {
    const directory = mkdir(scratchDirectory, { recursive: true }).then(() =>
      mkdtemp(join(scratchDirectory, 'kept-')),
    )
    const path = directory.then((inside) => open(objectKey, inside, signal))
    const copy = { path, directory, idle: setTimeout(giveUp, IDLE_MS, objectKey).unref() }
    kept.set(objectKey, copy)
    path.catch(() => kept.get(objectKey) === copy && giveUp(objectKey))
    return copy
  }

  const touch = (objectKey: string, signal: AbortSignal) => {
    const copy = kept.get(objectKey) ?? fetchCopy(objectKey, signal)
    copy.idle.refresh()
    // The one that was asked for last is the last to go.
    kept.delete(objectKey)
    kept.set(objectKey, copy)
    for (const oldest of [...kept.keys()].slice(0, -MOST_KEPT)) giveUp(oldest)
    return copy
  }

  return async (objectKey, directory, signal) => {
    for (;;) {
      const isMine = !kept.has(objectKey)
      const copy = touch(objectKey, signal)
      try {
        const path = await copy.path
        if (!path.startsWith(await copy.directory)) return path
        const own = join(directory, 'object')
        await link(path, own)
        return own
      } catch (error) {
        // Another run's fetch failed or was aborted, or the copy was given up just now: ours decides.
        if (isMine || signal.aborted) throw error
        giveUp(objectKey)
      }
    }
  }
}
