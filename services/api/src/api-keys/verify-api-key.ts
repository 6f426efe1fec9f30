import type { Db } from '@app/db'
import { asError, type Logger } from '@app/runtime'
import type { Principal } from '../http/principal.ts'
import { Refusal } from '../http/refusal.ts'
import { grantOfKey, noteKeyUse } from '../queries/api-keys.ts'
import { hashOfApiKey, isApiKey } from './api-key-text.ts'

/** Says whose key it is, and what it allows; throws a Refusal with 401 otherwise. */
export type VerifyApiKey = (key: string) => Promise<Principal>

export function apiKeyVerifier({ db, log }: { db: Db; log: Logger }): VerifyApiKey {
  return async (text) => {
    const found = isApiKey(text) ? await grantOfKey(db, hashOfApiKey(text)) : undefined
    if (!found) throw new Refusal('api-key-invalid', 'there is no such API key')
    if (found.isRevoked) throw new Refusal('api-key-revoked', 'this API key was revoked')
    if (found.isExpired) throw new Refusal('api-key-expired', 'this API key has expired')
    // Not waited for: when a key was last used is nothing that a request should be slower for.
    if (found.isUseDue) {
      void noteKeyUse(db, found.grant.id).catch((error) =>
        log.debug({ err: asError(error) }, 'the use of an API key can not be noted'),
      )
    }
    return { kind: 'user', userId: found.ownerId, key: found.grant }
  }
}
