import type { RedisClient } from '../redis-client.ts'
import type { Answer, Asker } from './asker.ts'
import { bucketsOf } from './buckets.ts'
import { limitKeys } from './keys.ts'
import { checkLimit, type Limit } from './limit.ts'
import { toUs } from './replies.ts'
import { limitScripts, type RunScript } from './scripts.ts'
import { slotsOf } from './slots.ts'

/** Two processes need not look after the same line at once. */
const REVIEW_EVERY_MS = 5_000
const REVIEWED = 1_000

export type Limits = ReturnType<typeof limitsOn>

/** Limits that all processes of a Redis share. Where it was emptied, buckets are full and slots are free again. */
export const limitsOf = (redis: RedisClient, prefix: string): Limits => limitsOn(limitScripts(redis), prefix)

/** The same by a way of one's own to run the scripts. */
export function limitsOn(run: RunScript, prefix: string) {
  const [buckets, slots] = [bucketsOf(run, prefix), slotsOf(run, prefix)]

  return {
    ...buckets,
    ...slots,

    /** A token or a slot, or else a place in the line for one. Rejects where Redis is away; error `limit-invalid`. */
    async take(limit: Limit, asker: Asker): Promise<Answer> {
      checkLimit(limit)
      return limit.kind === 'rate'
        ? await buckets.takeToken(limit, asker)
        : await slots.takeSlot(limit, asker)
    },

    /** Jobs that were told to come and have not; undefined where another process has asked just now. */
    async missing(limit: Pick<Limit, 'kind' | 'key'>): Promise<string[] | undefined> {
      const args = [REVIEWED, toUs(REVIEW_EVERY_MS)]
      const answer = await run('missingWaiters', limitKeys(prefix, limit), ...args)
      const [mine, jobs] = answer as [number, string[]?]
      return mine === 1 ? jobs : undefined
    },
  }
}
