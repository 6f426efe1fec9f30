import type { TestMessage } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { DELIVERY, DELIVERY_FAILED, planDelivery } from '@app/flows'
import { insertJobs, wakeAnew } from '@app/jobs'
import { sql } from 'kysely'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { beginAnew, type DeliveryRow, insertDelivery, lockDelivery } from '../queries/webhook-deliveries.ts'
import { holdWebhook, type OwnWebhook } from '../queries/webhooks.ts'

/** Writes a message that only says that messages arrive. Refusals: `webhook-not-found`, `webhook-disabled`. */
export async function sendTest(db: Db, own: OwnWebhook): Promise<DeliveryRow> {
  return await inTransaction(db, async (trx) => {
    await enabledWebhook(trx, own)
    const message: TestMessage = {
      type: 'webhook.test',
      timestamp: new Date().toISOString(),
      data: { webhook_id: own.id },
    }
    const eventType = message.type
    return await insertDelivery(trx, {
      ...{ webhookId: own.id, ownerId: own.ownerId, eventType, body: JSON.stringify(message) },
    })
  })
}

/**
 * Has a message sent once more under its own id, from the beginning of the schedule; one that waits for its next try is
 * tried at once. Refusals: `webhook-not-found`, `webhook-disabled`, `delivery-not-found`, `delivery-under-way`.
 */
export async function replayDelivery(db: Db, own: OwnWebhook, deliveryId: string): Promise<DeliveryRow> {
  return await inTransaction(db, async (trx) => {
    await lockReplay(trx, deliveryId)
    // Next, as a run that ends locks its job before its webhook.
    const job = await lockJobOf(trx, deliveryId)
    await enabledWebhook(trx, own)
    if (!(await lockDelivery(trx, { webhookId: own.id, deliveryId }))) throw notFound('delivery')
    if (job?.status === 'running') {
      throw new Refusal(
        'delivery-under-way',
        'it is being sent at this moment; replay it when that has ended',
      )
    }
    if (job) await wakeAnew(trx, job.id, DELIVERY_FAILED)
    else await insertJobs(trx, [planDelivery({ deliveryId, ownerId: own.ownerId })])
    return await beginAnew(trx, deliveryId)
  })
}

async function enabledWebhook(trx: Trx, own: OwnWebhook): Promise<void> {
  const webhook = await holdWebhook(trx, own)
  if (!webhook) throw notFound('webhook')
  if (webhook.disabled_at !== null) {
    throw new Refusal(
      'webhook-disabled',
      `nothing is sent there: ${webhook.disabled_reason}. Enable it first`,
    )
  }
}

/** "replay" in ASCII, beside the delivery. */
const LOCK = sql.lit(0x72706c79)

/** Of two who ask at once the second sees the first's job. A delivery's own lock would come after its job's. */
async function lockReplay(trx: Trx, deliveryId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK}, hashtext(${deliveryId}))`.execute(trx)
}

/** The one that is still to send it; it neither begins nor ends a run before the transaction does. */
async function lockJobOf(trx: Trx, deliveryId: string): Promise<{ id: string; status: string } | undefined> {
  return await trx
    .selectFrom('processing_jobs')
    .select(['id', 'status'])
    .where('subject_kind', '=', DELIVERY)
    .where('subject_id', '=', deliveryId)
    .where('status', 'in', ['queued', 'running'])
    .forUpdate()
    .executeTakeFirst()
}
