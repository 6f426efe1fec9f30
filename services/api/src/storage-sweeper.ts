import type { Db } from '@app/db'
import { asError, type Logger, type Part, repeating } from '@app/runtime'
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
  return {
    ...repeating({ name: 'storage sweeper', everyMs: SWEEP_EVERY_MS, log, work: sweep }),
    sweep,
    async removeNow(objectKeys) {
      await remove(objectKeys)
    },
  }

  async function sweep(signal?: AbortSignal): Promise<void> {
    for (let due = BATCH; due === BATCH && !signal?.aborted; ) {
      const objectKeys = await dueObjects(db, BATCH)
      due = (await remove(objectKeys, signal)) ? objectKeys.length : 0
    }
  }

  async function remove(objectKeys: readonly string[], signal?: AbortSignal): Promise<boolean> {
    if (objectKeys.length === 0) return true
    try {
      await storage.remove(objectKeys, { signal })
      await forgetObjects(db, objectKeys)
      return true
    } catch (error) {
      log.warn({ err: asError(error), count: objectKeys.length }, 'stored objects can not be removed yet')
      return false
    }
  }
}
