import type { WebhookDeliveryView } from '@app/contracts'
import type { Database, Db, Trx } from '@app/db'
import { planDelivery } from '@app/flows'
import { insertJobs } from '@app/jobs'
import { type Selectable, sql } from 'kysely'

export type DeliveryRow = Omit<Selectable<Database['webhook_deliveries']>, 'body'>

const COLUMNS = [
  ...(['id', 'webhook_id', 'clip_id', 'event_type', 'status', 'attempts', 'response_status'] as const),
  ...(['error_message', 'next_attempt_at', 'delivered_at', 'created_at'] as const),
] as const

interface ListOptions {
  status: WebhookDeliveryView['status'] | undefined
  page: number
  pageSize: number
}

/** What was and is to be sent to a webhook, the newest first. */
export async function listDeliveries(
  db: Db,
  webhookId: string,
  { status, page, pageSize }: ListOptions,
): Promise<{ deliveries: DeliveryRow[]; total: number }> {
  const all = db
    .selectFrom('webhook_deliveries')
    .where('webhook_id', '=', webhookId)
    .$if(status !== undefined, (query) => query.where('status', '=', status ?? 'pending'))
  const { total } = await all.select(sql<number>`count(*)::int`.as('total')).executeTakeFirstOrThrow()
  const deliveries = await all
    .select(COLUMNS)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute()
  return { deliveries, total }
}

interface NewDelivery {
  webhookId: string
  ownerId: string
  eventType: string
  body: string
}

/** Writes down what is to be sent, with the job that sends it. */
export async function insertDelivery(
  trx: Trx,
  { webhookId, ownerId, eventType, body }: NewDelivery,
): Promise<DeliveryRow> {
  const delivery = await trx
    .insertInto('webhook_deliveries')
    .values({ webhook_id: webhookId, event_type: eventType, body })
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
  await insertJobs(trx, [planDelivery({ deliveryId: delivery.id, ownerId })])
  return delivery
}

/** Undefined where the webhook has no such delivery. What follows about it waits until the transaction ends. */
export async function lockDelivery(
  trx: Trx,
  { webhookId, deliveryId }: { webhookId: string; deliveryId: string },
): Promise<DeliveryRow | undefined> {
  return await trx
    .selectFrom('webhook_deliveries')
    .select(COLUMNS)
    .where('id', '=', deliveryId)
    .where('webhook_id', '=', webhookId)
    .forUpdate()
    .executeTakeFirst()
}

/** As if nothing had been sent yet: it is due now. */
export async function beginAnew(trx: Trx, deliveryId: string): Promise<DeliveryRow> {
  return await trx
    .updateTable('webhook_deliveries')
    .set({
      ...{ status: 'pending', attempts: 0, response_status: null, error_message: null, delivered_at: null },
      next_attempt_at: sql<Date>`now()`,
    })
    .where('id', '=', deliveryId)
    .returning(COLUMNS)
    .executeTakeFirstOrThrow()
}
