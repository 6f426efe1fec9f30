import type { Limits } from '@app/bus'
import { asError, withTimeout } from '@app/runtime'
import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from '../http/env.ts'
import type { ApiKeyGrant } from '../http/principal.ts'
import { Refusal } from '../http/refusal.ts'
import { rateLimitHeaders } from '../plan/rate-limit-headers.ts'

/** Nobody waits longer than this to be told how fast they may ask; where Redis is down, that is known at once. */
const MOST_WAIT_MS = 2_000

/** Keeps each API key to its requests a minute, over all instances; says with every answer how many are left. */
export function limitRate(limits: Pick<Limits, 'take' | 'bucketState'>) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const principal = c.get('principal')
    const key = principal.kind === 'user' ? principal.key : undefined
    if (key === undefined || key.requestsPerMinute === null) return await next()
    // With Redis away everything is let through: a limit protects us from one customer's haste, and an outage of its
    // bookkeeping must not become one of the API. What calls cost is still bounded, by budgets in Postgres.
    const turn = await withTimeout(
      takeTurn(limits, key, key.requestsPerMinute),
      MOST_WAIT_MS,
      'rate-limit',
    ).catch((error) => c.get('log')?.debug({ err: asError(error) }, 'a rate limit can not be asked'))
    for (const [name, value] of Object.entries(turn?.headers ?? {})) c.header(name, value)
    if (turn && !turn.granted) {
      const message = `this API key may send ${key.requestsPerMinute} requests a minute`
      throw new Refusal('rate-limited', message, { retryAfterS: Math.max(1, Math.ceil(turn.waitMs / 1_000)) })
    }
    return await next()
  })
}

/**
 * The key itself stands in the bucket's line, not each request: a request that is refused may never come again, and a
 * token would be kept for it.
 */
async function takeTurn(limits: Pick<Limits, 'take' | 'bucketState'>, { id }: ApiKeyGrant, permits: number) {
  const limit = { kind: 'rate', key: `api-key/${id}`, permits, perMs: 60_000, burst: permits } as const
  const asker = { jobId: id, fence: 0, flow: id, weight: 1 }
  const [{ granted, waitMs }, state] = await Promise.all([
    limits.take(limit, asker),
    limits.bucketState(limit.key),
  ])
  return { granted, waitMs, headers: state && rateLimitHeaders(permits, state) }
}
