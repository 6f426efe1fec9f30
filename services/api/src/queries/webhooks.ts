import type { WebhookOrigin, WebhookRequest } from '@app/contracts'
import { type Database, type Db, inTransaction, type Trx } from '@app/db'
import { DELIVERY } from '@app/flows'
import { type ExpressionBuilder, type Selectable, sql } from 'kysely'

export type WebhookRow = Pick<Selectable<Database['webhooks']>, (typeof COLUMNS)[number]>

const COLUMNS = [
  ...(['id', 'origin', 'url', 'events', 'description', 'disabled_at', 'disabled_reason'] as const),
  ...(['failing_since', 'created_at', 'updated_at'] as const),
] as const

/** "webhooks" in ASCII, beside the owner: who registers one waits for who does the same for that owner. */
const LOCK = sql.lit(0x77656268)

/** Registers a webhook; undefined where the owner has `most` of them. */
export async function insertWebhook(
  db: Db,
  {
    ownerId,
    secret,
    request,
    most,
  }: { ownerId: string; secret: string; request: WebhookRequest; most: number },
): Promise<WebhookRow | undefined> {
  return await inTransaction(db, async (trx) => {
    await sql`select pg_advisory_xact_lock(${LOCK}, hashtext(${ownerId}))`.execute(trx)
    const { total } = await countWebhooks(trx, ownerId, 'registered')
    if (total >= most) return undefined
    return await trx
      .insertInto('webhooks')
      .values({ owner_id: ownerId, secret, ...valuesOf(request) })
      .returning(COLUMNS)
      .executeTakeFirstOrThrow()
  })
}

const valuesOf = ({ url, events, description }: WebhookRequest) => ({
  ...{ url, events, description: description ?? null },
})

/** A page of them, the newest first. */
export async function listWebhooks(
  db: Db,
  ownerId: string,
  { origin, page, pageSize }: { origin: WebhookOrigin; page: number; pageSize: number },
): Promise<{ webhooks: WebhookRow[]; total: number }> {
  const webhooks = await db
    .selectFrom('webhooks')
    .select(COLUMNS)
    .where('owner_id', '=', ownerId)
    .where('origin', '=', origin)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .limit(pageSize)
    .offset((page - 1) * pageSize)
    .execute()
  return { webhooks, ...(await countWebhooks(db, ownerId, origin)) }
}

async function countWebhooks(
  db: Db | Trx,
  ownerId: string,
  origin: WebhookOrigin,
): Promise<{ total: number }> {
  return await db
    .selectFrom('webhooks')
    .select(sql<number>`count(*)::int`.as('total'))
    .where('owner_id', '=', ownerId)
    .where('origin', '=', origin)
    .executeTakeFirstOrThrow()
}

/** One of an owner's webhooks. */
export interface OwnWebhook {
  ownerId: string
  id: string
}

const isIts =
  ({ ownerId, id }: OwnWebhook) =>
  (eb: ExpressionBuilder<Database, 'webhooks'>) =>
    eb.and([eb('id', '=', id), eb('owner_id', '=', ownerId)])

export async function webhookOf(db: Db | Trx, own: OwnWebhook): Promise<WebhookRow | undefined> {
  return await db.selectFrom('webhooks').select(COLUMNS).where(isIts(own)).executeTakeFirst()
}

/** The same, which nobody removes or disables before the transaction ends. */
export async function holdWebhook(trx: Trx, own: OwnWebhook): Promise<WebhookRow | undefined> {
  return await trx.selectFrom('webhooks').select(COLUMNS).where(isIts(own)).forShare().executeTakeFirst()
}

export async function replaceWebhook(
  db: Db,
  own: OwnWebhook,
  request: WebhookRequest,
): Promise<WebhookRow | undefined> {
  return await db
    .updateTable('webhooks')
    .set(valuesOf(request))
    .where(isIts(own))
    .returning(COLUMNS)
    .executeTakeFirst()
}

/** Has messages sent there again, and takes it for one that never failed. */
export async function enableWebhook(db: Db, own: OwnWebhook): Promise<WebhookRow | undefined> {
  return await db
    .updateTable('webhooks')
    .set({ disabled_at: null, disabled_reason: null, failing_since: null, throttled_until: null })
    .where(isIts(own))
    .returning(COLUMNS)
    .executeTakeFirst()
}

/** Removes it with all that was, or was to be, sent there. Returns its jobs' ids; undefined where there is none. */
export async function deleteWebhook(db: Db, own: OwnWebhook): Promise<string[] | undefined> {
  return await inTransaction(db, async (trx) => {
    if (!(await webhookOf(trx, own))) return undefined
    // Jobs first: a run that ends locks its job before its webhook.
    const jobs = await trx
      .deleteFrom('processing_jobs')
      .where('subject_kind', '=', DELIVERY)
      .where('subject_id', 'in', (eb) =>
        eb.selectFrom('webhook_deliveries').select('id').where('webhook_id', '=', own.id),
      )
      .returning('id')
      .execute()
    await trx.deleteFrom('webhooks').where(isIts(own)).execute()
    return jobs.map(({ id }) => id)
  })
}
