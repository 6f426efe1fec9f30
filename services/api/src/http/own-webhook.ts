import type { Context } from 'hono'
import type { OwnWebhook } from '../queries/webhooks.ts'
import { userOf } from './authenticate.ts'
import type { ApiEnv } from './env.ts'
import { knownId, notFound } from './known-id.ts'
import { Refusal } from './refusal.ts'

/** Whoever asks, as the owner of webhooks: an admin is none but of their own. */
export const ownerOf = (c: Context<ApiEnv>): string => userOf(c.get('principal')).userId

/** The one that the path names, if it is the asker's own. */
export function ownWebhook(c: Context<ApiEnv>): OwnWebhook {
  return { ownerId: ownerOf(c), id: knownId(c.req.param('id') ?? '', 'webhook') }
}

/** What was found of it, or a Refusal: others' webhooks are as unknown as those that never were. */
export function foundWebhook<T>(webhook: T | undefined): T {
  if (webhook === undefined) throw notFound('webhook')
  return webhook
}

export function refuseCallback(origin: string): void {
  if (origin !== 'callback') return
  throw new Refusal(
    'webhook-is-callback',
    'this is the callback of jobs: its URL is theirs, its secret that of all',
  )
}
