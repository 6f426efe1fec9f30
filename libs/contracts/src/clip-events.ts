import { z } from 'zod'
import { ClipErrorCode } from './clip-failures.ts'
import { ClipStatus } from './states.ts'

/** What a webhook may be told of. `webhook.test` is sent only when somebody asks for a test. */
export const WebhookEventType = z.enum(['job.completed', 'job.failed', 'job.progressed', 'webhook.test'])
export type WebhookEventType = z.infer<typeof WebhookEventType>

/** What is told of a clip: thin, so that whoever wants more asks for the result. */
export const ClipMessage = z.object({
  type: WebhookEventType,
  timestamp: z.iso.datetime(),
  data: z.object({
    job_id: z.uuid(),
    status: ClipStatus,
    attempt: z.int(),
    url: z.string(),
    platform: z.string(),
    error_code: ClipErrorCode,
    error_message: z.string().nullable(),
    metadata: z.record(z.string(), z.unknown()),
  }),
})
export type ClipMessage = z.infer<typeof ClipMessage>

/** What is sent where somebody tries a webhook out. */
export const TestMessage = z.object({
  type: z.literal('webhook.test'),
  timestamp: z.iso.datetime(),
  data: z.object({ webhook_id: z.uuid() }),
})
export type TestMessage = z.infer<typeof TestMessage>
