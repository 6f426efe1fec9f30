import { z } from 'zod'
import { WebhookEventType } from '../clip-events.ts'
import { Page, PageQuery } from './paging.ts'

/** What a webhook may ask to hear of. */
export const WebhookEvent = WebhookEventType.exclude(['webhook.test'])
export type WebhookEvent = z.infer<typeof WebhookEvent>

/** A whole webhook: what is left out is not kept. */
export const WebhookRequest = z.object({
  /** https, and nowhere private; http where the operator allows it. */
  url: z.string().trim().min(1).max(2_048),
  events: z
    .array(WebhookEvent)
    .min(1)
    .max(10)
    .refine((events) => new Set(events).size === events.length, 'names one twice'),
  description: z.string().trim().min(1).max(500).optional(),
})
export type WebhookRequest = z.infer<typeof WebhookRequest>

/** `callback`: made for the `callback_url` of a job, and told of such jobs only. */
export const WebhookOrigin = z.enum(['registered', 'callback'])
export type WebhookOrigin = z.infer<typeof WebhookOrigin>

export const WebhookView = z.object({
  id: z.uuid(),
  origin: WebhookOrigin,
  url: z.string(),
  events: z.array(z.string()),
  description: z.string().nullable(),
  /** Nothing is sent there since then. */
  disabled_at: z.iso.datetime().nullable(),
  disabled_reason: z.string().nullable(),
  /** The first failure since the last success. */
  failing_since: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})
export type WebhookView = z.infer<typeof WebhookView>

export const WebhookCreated = WebhookView.extend({ secret: z.string() })
export type WebhookCreated = z.infer<typeof WebhookCreated>

export const ListWebhooks = PageQuery.extend({ origin: WebhookOrigin.default('registered') })

export const WebhookPage = Page.extend({ webhooks: z.array(WebhookView) })
export type WebhookPage = z.infer<typeof WebhookPage>

/** What messages are signed with. Until `previous_secret_until` they are signed with the one before as well. */
export const WebhookSecret = z.object({
  secret: z.string(),
  previous_secret_until: z.iso.datetime().nullable(),
})
export type WebhookSecret = z.infer<typeof WebhookSecret>

export const RotateSecret = z.object({ overlap_hours: z.number().min(0).max(720).default(24) })
export type RotateSecret = z.infer<typeof RotateSecret>

export const WebhookDeliveryStatus = z.enum(['pending', 'delivered', 'failed'])

export const ListDeliveries = PageQuery.extend({ status: WebhookDeliveryStatus.optional() })

export const WebhookDeliveryView = z.object({
  /** Stands in the header `webhook-id` of every try. */
  id: z.uuid(),
  webhook_id: z.uuid(),
  event_type: z.string(),
  /** The job it tells of; null for a test, and where that was deleted. */
  job_id: z.uuid().nullable(),
  status: WebhookDeliveryStatus,
  /** Tries since it was written, or since it was last sent again. */
  attempts: z.int(),
  /** Of the last try; null where nobody answered. */
  response_status: z.int().nullable(),
  error_message: z.string().nullable(),
  next_attempt_at: z.iso.datetime().nullable(),
  delivered_at: z.iso.datetime().nullable(),
  created_at: z.iso.datetime(),
})
export type WebhookDeliveryView = z.infer<typeof WebhookDeliveryView>

export const WebhookDeliveryPage = Page.extend({ deliveries: z.array(WebhookDeliveryView) })
export type WebhookDeliveryPage = z.infer<typeof WebhookDeliveryPage>
