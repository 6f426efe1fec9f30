import { z } from 'zod'
import { Moment } from './moments.ts'
import { Page, PageQuery } from './paging.ts'

/** What an API key may be used for; nothing else. */
export const ApiKeyScope = z.enum(['jobs:write', 'jobs:read', 'webhooks', 'search'])
export type ApiKeyScope = z.infer<typeof ApiKeyScope>

export const CreateApiKey = z.object({
  name: z.string().trim().min(1).max(200),
  /** Whose jobs it makes and sees; without one, those of the admin who makes it. */
  owner_id: z.guid().optional(),
  scopes: z.array(ApiKeyScope).min(1),
  expires_at: Moment.optional(),
  requests_per_minute: z.int().min(1).max(100_000).optional(),
  /** What calls to providers for its jobs may cost a day (UTC), by our estimate. */
  usd_per_day: z.number().min(0).max(1_000_000).optional(),
})
export type CreateApiKey = z.infer<typeof CreateApiKey>

export const ApiKeyView = z.object({
  id: z.uuid(),
  owner_id: z.uuid(),
  name: z.string(),
  /** The key's beginning, to tell it from others. */
  prefix: z.string(),
  scopes: z.array(ApiKeyScope),
  requests_per_minute: z.int().nullable(),
  usd_per_day: z.number().nullable(),
  /** Of its budget, today (UTC). */
  spent_usd_today: z.number(),
  expires_at: z.iso.datetime().nullable(),
  /** To the minute. */
  last_used_at: z.iso.datetime().nullable(),
  revoked_at: z.iso.datetime().nullable(),
  created_by: z.string(),
  created_at: z.iso.datetime(),
})
export type ApiKeyView = z.infer<typeof ApiKeyView>

/** `key` is shown this once: only its hash is kept. */
export const ApiKeyMade = ApiKeyView.extend({ key: z.string() })
export type ApiKeyMade = z.infer<typeof ApiKeyMade>

export const ListApiKeys = PageQuery.extend({ owner_id: z.guid().optional() })

export const ApiKeyPage = Page.extend({ api_keys: z.array(ApiKeyView) })
