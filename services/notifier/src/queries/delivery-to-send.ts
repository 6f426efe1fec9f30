import type { Db } from '@app/db'
import { sql } from 'kysely'

export interface DeliveryToSend {
  webhookId: string
  url: string
  eventType: string
  body: string
  status: 'pending' | 'delivered' | 'failed'
  /** Tries whose outcome is known. */
  tries: number
  /** Those that are good now, the newest first. */
  secrets: string[]
  /** Why nothing is sent there any more; null where it is. */
  disabledReason: string | null
  /** Until its next try is due, and until its webhook takes anything again; at most 0 where that is now. */
  waitMs: number
  throttleMs: number
}

/** A delivery with its webhook, by Postgres' clock. Undefined where they were removed. */
export async function deliveryToSend(db: Db, deliveryId: string): Promise<DeliveryToSend | undefined> {
  const { rows } = await sql<DeliveryToSend>`
    select w.id as "webhookId", w.url, d.event_type as "eventType", d.body, d.status, d.attempts as tries,
      array_remove(array[s.secret, case when s.until > now() then s.previous end], null) as secrets,
      case when w.disabled_at is not null then coalesce(w.disabled_reason, 'it was disabled') end as "disabledReason",
      ${millisecondsUntil('d.next_attempt_at')} as "waitMs",
      ${millisecondsUntil('w.throttled_until')} as "throttleMs"
    from webhook_deliveries d
      join webhooks w on w.id = d.webhook_id
      left join callback_secrets c on c.owner_id = w.owner_id and w.origin = 'callback'
      cross join lateral (
        select coalesce(c.secret, w.secret) as secret,
          case when c.secret is null then w.previous_secret else c.previous_secret end as previous,
          case when c.secret is null then w.previous_secret_until else c.previous_secret_until end as until
      ) s
    where d.id = ${deliveryId}`.execute(db)
  return rows[0]
}

const millisecondsUntil = (column: string) =>
  sql<number>`coalesce(extract(epoch from ${sql.ref(column)} - now()) * 1000, 0)::float8`
