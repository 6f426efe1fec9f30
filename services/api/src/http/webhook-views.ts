import type { WebhookDeliveryView, WebhookSecret, WebhookView } from '@app/contracts'
import type { DeliveryRow } from '../queries/webhook-deliveries.ts'
import type { KnownSecret } from '../queries/webhook-secrets.ts'
import type { WebhookRow } from '../queries/webhooks.ts'

const stamp = (date: Date | null): string | null => date?.toISOString() ?? null

export const webhookView = (row: WebhookRow): WebhookView => ({
  ...row,
  disabled_at: stamp(row.disabled_at),
  failing_since: stamp(row.failing_since),
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
})

export const secretView = ({ secret, previousSecretUntil }: KnownSecret): WebhookSecret => ({
  ...{ secret, previous_secret_until: stamp(previousSecretUntil) },
})

export const deliveryView = ({ clip_id, ...row }: DeliveryRow): WebhookDeliveryView => ({
  ...row,
  job_id: clip_id,
  next_attempt_at: stamp(row.next_attempt_at),
  delivered_at: stamp(row.delivered_at),
  created_at: row.created_at.toISOString(),
})
