import { randomUUID } from 'node:crypto'
import type { ClipMessage, ClipStatus, WebhookEventType } from '@app/contracts'
import type { Trx } from '@app/db'
import { planDelivery } from '@app/flows'
import { sql } from 'kysely'
import { insertJobs } from '../insert-jobs.ts'

/** A clip's row, as far as it is told of. */
export interface ChangedClip {
  id: string
  owner_id: string
  webhook_id: string | null
  status: ClipStatus
  attempt: number
  url: string
  platform: string
  error_code: string | null
  error_message: string | null
  metadata: Record<string, unknown>
}

/**
 * Writes a delivery, and the job that makes it, for each of the owner's webhooks that wants to hear of this, and for the
 * clip's own callback. In the transaction that changed the clip: what is told has happened, and what has happened is
 * told. Returns whether there was any.
 */
export async function tellWebhooks(trx: Trx, clip: ChangedClip, type: WebhookEventType): Promise<boolean> {
  const webhooks = await trx
    .selectFrom('webhooks')
    .select('id')
    .where('owner_id', '=', clip.owner_id)
    .where('disabled_at', 'is', null)
    .where(sql<boolean>`${type} = any(events)`)
    .where((where) => where.or([where('origin', '=', 'registered'), where('id', '=', clip.webhook_id)]))
    .execute()
  if (webhooks.length === 0) return false
  const body = JSON.stringify(messageOf(clip, type))
  const deliveries = webhooks.map((webhook) => ({ id: randomUUID() as string, webhook_id: webhook.id }))
  await trx
    .insertInto('webhook_deliveries')
    .values(deliveries.map((delivery) => ({ ...delivery, clip_id: clip.id, event_type: type, body })))
    .execute()
  await insertJobs(
    trx,
    deliveries.map(({ id }) => planDelivery({ deliveryId: id, ownerId: clip.owner_id })),
  )
  return true
}

const messageOf = (clip: ChangedClip, type: WebhookEventType): ClipMessage => ({
  type,
  timestamp: new Date().toISOString(),
  data: {
    job_id: clip.id,
    status: clip.status,
    attempt: clip.attempt,
    url: clip.url,
    platform: clip.platform,
    error_code: clip.error_code,
    error_message: clip.error_message,
    metadata: clip.metadata,
  },
})
