import type { WebhookEventType } from '@app/contracts'
import type { Db, Trx } from '@app/db'
import { newSecret } from './new-secret.ts'

/** Whoever names a callback wants to hear how it ended, not of each stage on the way. */
const EVENTS: WebhookEventType[] = ['job.completed', 'job.failed']

/**
 * The webhook behind a `callback_url`, the same each time an owner names the same one; the URL is checked by the caller.
 * One that was disabled is taken up again: it was asked for anew. Returns its id.
 */
export async function callbackWebhook(trx: Trx, ownerId: string, url: string): Promise<string> {
  await callbackSecret(trx, ownerId)
  const inserted = await trx
    .insertInto('webhooks')
    .values({ owner_id: ownerId, url, origin: 'callback', events: EVENTS })
    .onConflict((conflict) =>
      conflict
        .columns(['owner_id', 'url'])
        .where('origin', '=', 'callback')
        .doUpdateSet({ disabled_at: null, disabled_reason: null, failing_since: null })
        // Written only where that changes something: many jobs at once name the same callback.
        .where('webhooks.disabled_at', 'is not', null),
    )
    .returning('id')
    .executeTakeFirst()
  if (inserted) return inserted.id
  const { id } = await trx
    .selectFrom('webhooks')
    .select('id')
    .where('owner_id', '=', ownerId)
    .where('url', '=', url)
    .where('origin', '=', 'callback')
    .executeTakeFirstOrThrow()
  return id
}

export interface CallbackSecret {
  secret: string
  previousSecretUntil: Date | null
}

/** What signs all of an owner's callbacks: made once, when it is first needed or asked for. */
export async function callbackSecret(db: Db | Trx, ownerId: string): Promise<CallbackSecret> {
  await db
    .insertInto('callback_secrets')
    .values({ owner_id: ownerId, secret: newSecret() })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const row = await db
    .selectFrom('callback_secrets')
    .select(['secret', 'previous_secret_until as previousSecretUntil'])
    .where('owner_id', '=', ownerId)
    .executeTakeFirstOrThrow()
  return row
}
