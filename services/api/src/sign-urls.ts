import type { ObjectStorage } from '@app/storage'
import { takeTurns } from './uploads/take-turns.ts'

const LIFETIME_S = 3_600
const AT_ONCE = 16

/** URLs for some of the stored objects, good for an hour, by key. */
export type SignUrls = (objectKeys: readonly string[]) => Promise<ReadonlyMap<string, string>>

/** Remote storage signs by a request each, and a book may have two thousand files: some at a time. */
export function urlSigner(storage: Pick<ObjectStorage, 'signedUrl'>): SignUrls {
  const turns = takeTurns(AT_ONCE)
  return async (objectKeys) => {
    const sign = (key: string) => turns(() => storage.signedUrl(key, { expiresInSeconds: LIFETIME_S }))
    return new Map(await Promise.all(objectKeys.map(async (key) => [key, await sign(key)] as const)))
  }
}
