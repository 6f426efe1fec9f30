import { LANES } from '@app/contracts'
import type { Redis } from 'ioredis'
import { type Delivery, toDeliveries } from './deliveries.ts'
import { GROUP, streamKey } from './keys.ts'
import { type LeaseState, renewEntries } from './renew.ts'
import { evalScript, script } from './scripts.ts'

const SCRIPTS = {
  acknowledge: script('acknowledge'),
  handBack: script('hand-back'),
  removeConsumer: script('remove-consumer'),
}

/** What a consumer may do with entries delivered to it: each step checks, inside Redis, that they are still its own. */
export function leasesOf(redis: Redis, prefix: string) {
  const run = (name: keyof typeof SCRIPTS, stream: string, ...args: string[]): Promise<unknown> =>
    evalScript(redis, SCRIPTS[name], stream, [GROUP, ...args])

  return {
    /** Entries of one stream whose lease has run out, now this consumer's; the cursor is followed to its end. */
    async takeOver(stream: string, consumer: string, most: number, leaseMs: number): Promise<Delivery[]> {
      const taken: Delivery[] = []
      let cursor = '0-0'
      do {
        const answer = (await redis.xautoclaim(
          stream,
          GROUP,
          consumer,
          leaseMs,
          cursor,
          'COUNT',
          most - taken.length,
        )) as [string, [string, string[] | null][], string[]]
        cursor = answer[0]
        taken.push(...toDeliveries(stream, answer[1]).map((entry) => ({ ...entry, reclaimed: true })))
      } while (cursor !== '0-0' && taken.length < most)
      return taken
    },

    /** What became of each entry's lease. `missing` (Redis was emptied) is no reason to stop; `lost` is. */
    renew: (stream: string, consumer: string, entryIds: readonly string[]): Promise<LeaseState[]> =>
      renewEntries(redis, { stream, consumer, entryIds }),

    /** Acknowledges and deletes what is still this consumer's; returns how many that were. */
    async acknowledge(stream: string, consumer: string, entryIds: readonly string[]): Promise<number> {
      if (entryIds.length === 0) return 0
      return Number((await run('acknowledge', stream, consumer, ...entryIds)) ?? 0)
    },

    /** Makes entries undelivered again, so that any reader has them at once; returns how many. */
    async handBack(stream: string, consumer: string, entryIds: readonly string[]): Promise<number> {
      if (entryIds.length === 0) return 0
      return Number((await run('handBack', stream, consumer, ...entryIds)) ?? 0)
    },

    /** Takes the consumer out of the group of each of the queue's streams where nothing is pending on it. */
    async removeConsumer(queue: string, consumer: string): Promise<void> {
      for (const lane of LANES) await run('removeConsumer', streamKey(prefix, queue, lane), consumer)
    },
  }
}
