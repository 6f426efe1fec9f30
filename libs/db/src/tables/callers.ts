import type { Generated } from 'kysely'
import type { GeneratedTimestamp, RowVersion, Timestamp } from './column-types.ts'

interface ApiKeys {
  id: Generated<string>
  owner_id: string
  name: string
  prefix: string
  key_hash: string
  scopes: string[]
  requests_per_minute: number | null
  usd_per_day: number | null
  expires_at: Timestamp | null
  last_used_at: Timestamp | null
  revoked_at: Timestamp | null
  created_by: string
  created_at: GeneratedTimestamp
}

interface Webhooks {
  id: Generated<string>
  owner_id: string
  url: string
  origin: Generated<'registered' | 'callback'>
  description: string | null
  events: string[]
  secret: string | null
  previous_secret: string | null
  previous_secret_until: Timestamp | null
  throttled_until: Timestamp | null
  disabled_at: Timestamp | null
  disabled_reason: string | null
  failing_since: Timestamp | null
  created_at: GeneratedTimestamp
  updated_at: GeneratedTimestamp
  row_version: RowVersion
}

interface WebhookDeliveries {
  id: Generated<string>
  webhook_id: string
  clip_id: string | null
  event_type: string
  body: string
  status: Generated<'pending' | 'delivered' | 'failed'>
  attempts: Generated<number>
  response_status: number | null
  error_message: string | null
  next_attempt_at: Timestamp | null
  delivered_at: Timestamp | null
  created_at: GeneratedTimestamp
}

interface CallbackSecrets {
  owner_id: string
  secret: string
  previous_secret: string | null
  previous_secret_until: Timestamp | null
  created_at: GeneratedTimestamp
}

/** Who calls the job API, and who is told. */
export interface CallerTables {
  api_keys: ApiKeys
  webhooks: Webhooks
  webhook_deliveries: WebhookDeliveries
  callback_secrets: CallbackSecrets
}
