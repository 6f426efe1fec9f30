import type { DeliverJob, WebhookEventType } from '@app/contracts'
import type { Trx } from '@app/db'
import { sql } from 'kysely'
import type { z } from 'zod'

/** Says nothing about whether a webhook fails: somebody is trying it out. */
export const TEST: WebhookEventType = 'webhook.test'

/**
 * A webhook is disabled when the last try of a delivery fails and nothing has got through for so long. Standard Webhooks
 * advises to disable what fails "consistently" over days, and the tries of one delivery take three.
 */
const DISABLED_AFTER = sql`interval '3 days'`

/**
 * Writes what became of a delivery, and of its webhook with it: a success ends its failing, 410 disables it at once, and
 * so does a last try after three days without success. Returns how many tries there were.
 */
export async function endDelivery(
  trx: Trx,
  deliveryId: string,
  { ended, tried, status, error, gone }: z.output<typeof DeliverJob.result>,
): Promise<number> {
  if (ended === 'nothing') return await triesOf(trx, deliveryId)
  if (ended === 'delivered') await noteSuccess(trx, deliveryId)
  else if (tried) await noteLastFailure(trx, deliveryId, gone ?? false)
  const { rows } = await sql<{ attempts: number }>`
    update webhook_deliveries
    set status = ${ended}, attempts = attempts + ${tried ? 1 : 0}, next_attempt_at = null,
      response_status = ${tried ? (status ?? null) : sql`response_status`}, error_message = ${error ?? null},
      delivered_at = ${ended === 'delivered' ? sql`now()` : null}
    where id = ${deliveryId}
    returning attempts`.execute(trx)
  return rows[0]?.attempts ?? 0
}

async function triesOf(trx: Trx, deliveryId: string): Promise<number> {
  const row = await trx
    .selectFrom('webhook_deliveries')
    .select('attempts')
    .where('id', '=', deliveryId)
    .executeTakeFirst()
  return row?.attempts ?? 0
}

async function noteSuccess(trx: Trx, deliveryId: string): Promise<void> {
  await sql`
    update webhooks set failing_since = null
    where id = (select webhook_id from webhook_deliveries where id = ${deliveryId}) and failing_since is not null`.execute(
    trx,
  )
}

async function noteLastFailure(trx: Trx, deliveryId: string, gone: boolean): Promise<void> {
  const reason = gone ? 'its receiver answered 410 Gone' : 'it has taken no message for three days'
  const isEnd = sql`(${gone}::boolean or coalesce(w.failing_since <= now() - ${DISABLED_AFTER}, false))`
  await sql`
    update webhooks w
    set failing_since = coalesce(w.failing_since, now()),
      disabled_at = case when ${isEnd} then now() end,
      disabled_reason = case when ${isEnd} then ${reason}::text end
    from webhook_deliveries d
    where d.id = ${deliveryId} and w.id = d.webhook_id and w.disabled_at is null
      and (${gone}::boolean or d.event_type <> ${TEST})`.execute(trx)
}
