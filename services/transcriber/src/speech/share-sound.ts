import { randomUUID } from 'node:crypto'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Db, expireObjects } from '@app/db'
import type { ObjectStorage } from '@app/storage'
import { CONTENT_TYPES } from './content-types.ts'
import type { Sound } from './port.ts'

/** Rev.ai asks for two at least: it may fetch late. */
const ADDRESS_S = 6 * 3_600
/** Longer than the address is good for. */
const STORED_MS = 24 * 3_600_000

interface SharedStorage {
  db: Db
  storage: Pick<ObjectStorage, 'putFile' | 'signedUrl'>
  scratchDirectory: string
}

/**
 * Stores sound for a day, and answers an address that whoever has it can read it at for six hours. It is marked for
 * removal before it is stored, so that no crash leaves it behind.
 */
export function soundSharing({ db, storage, scratchDirectory }: SharedStorage) {
  return async ({ path, format }: Sound, signal: AbortSignal): Promise<string> => {
    const key = `shared/${randomUUID()}`
    await expireObjects(db, [key], STORED_MS)
    // Storage may move the file away, which is still to be read here.
    const copy = join(scratchDirectory, `share-${randomUUID()}`)
    try {
      await copyFile(path, copy)
      await storage.putFile(key, copy, { contentType: CONTENT_TYPES[format], signal })
    } finally {
      await rm(copy, { force: true })
    }
    return await storage.signedUrl(key, { expiresInSeconds: ADDRESS_S, signal })
  }
}
