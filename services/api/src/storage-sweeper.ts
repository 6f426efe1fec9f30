import type { Db } from '@app/db'
import { abortableDelay, asError, type Logger, type Part } from '@app/runtime'
import type { ObjectStorage } from '@app/storage'
import { dueObjects, forgetObjects } from './queries/storage-deletions.ts'

const SWEEP_EVERY_MS = 60_000
const BATCH = 100

interface SweeperDeps {
  db: Db
  storage: Pick<ObjectStorage, 'remove'>
  log: Logger
}

export type StorageSweeper = Part & {
  /** Removes these at once where it can; what it can't, a later sweep does. Never throws. */
  removeNow(objectKeys: readonly string[]): Promise<void>
  /** Removes all that is due. */
  sweep(): Promise<void>
}

/** Removes stored objects that nothing refers to any more. Any number may run at once: removing twice is harmless. */
export function createStorageSweeper({ db, storage, log }: SweeperDeps): StorageSweeper {
  const stopping = new AbortController()
  let loop: Promise<void> = Promise.resolve()
  return {
    name: 'storage-sweeper',
    sweep,
    async removeNow(objectKeys) {
      await remove(objectKeys)
    },
    start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sweep().catch((error) => log.debug({ err: asError(error) }, 'sweep put off'))
      await abortableDelay(SWEEP_EVERY_MS, stopping.signal).catch(() => {})
    }
  }

  async function sweep(): Promise<void> {
    for (let due = BATCH; due === BATCH && !stopping.signal.aborted; ) {
      const objectKeys = await dueObjects(db, BATCH)
      due = (await remove(objectKeys)) ? objectKeys.length : 0
    }
  }

  async function remove(objectKeys: readonly string[]): Promise<boolean> {
    if (objectKeys.length === 0) return true
    try {
      await storage.remove(objectKeys, { signal: stopping.signal })
      await forgetObjects(db, objectKeys)
      return true
    } catch (error) {
      log.warn({ err: asError(error), count: objectKeys.length }, 'stored objects can not be removed yet')
      return false
    }
  }
}
