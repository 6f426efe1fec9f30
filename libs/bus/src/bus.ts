import { LANES } from '@app/contracts'
import { asError } from '@app/runtime'
import type { Redis } from 'ioredis'
import { announcementsOf } from './announcements.ts'
import { consumersOf } from './dead-consumers.ts'
import { type Delivery, deliveriesOf, type StreamAnswer } from './deliveries.ts'
import { GROUP, streamKey } from './keys.ts'
import { type BusObserver, leasesOf } from './leases.ts'
import { publisher } from './publish.ts'

export type Bus = ReturnType<typeof createBus>

/** The Redis Streams transport: publish, lease, take over, acknowledge, hand back. It knows no Postgres. */
export function createBus(redis: Redis, prefix: string, observer: BusObserver = {}) {
  return {
    prefix,
    redis,

    publish: publisher(redis, prefix),

    /** Makes the queue's streams and their group, from the first entry on: `$` would skip what already waits. */
    async ensureGroups(queue: string): Promise<void> {
      for (const lane of LANES) {
        await redis
          .xgroup('CREATE', streamKey(prefix, queue, lane), GROUP, '0', 'MKSTREAM')
          .catch((error: Error) => {
            if (!error.message.startsWith('BUSYGROUP')) throw error
          })
      }
    },

    /** Up to `most` entries of one stream that nobody has had yet; never waits. Rejects with NOGROUP where it is gone. */
    async readNew(stream: string, consumer: string, most: number): Promise<Delivery[]> {
      const answer = await redis.xreadgroup('GROUP', GROUP, consumer, 'COUNT', most, 'STREAMS', stream, '>')
      return deliveriesOf(answer as StreamAnswer)
    },

    /** Which of these entries still stand on their stream, delivered or not. */
    async entriesExist(entries: readonly { stream: string; entryId: string }[]): Promise<boolean[]> {
      if (entries.length === 0) return []
      const pipeline = redis.pipeline()
      for (const { stream, entryId } of entries) pipeline.xrange(stream, entryId, entryId)
      const answers = (await pipeline.exec()) ?? []
      return entries.map((_, index) => {
        const [error, found] = answers[index] ?? [new Error('no answer')]
        if (error) throw asError(error)
        return (found as unknown[]).length > 0
      })
    },

    /** Entries that wait or run, over all lanes: exact, because an acknowledgement deletes. */
    async depth(queue: string): Promise<number> {
      const lengths = await Promise.all(LANES.map((lane) => redis.xlen(streamKey(prefix, queue, lane))))
      return lengths.reduce((sum, length) => sum + length, 0)
    },

    ...leasesOf(redis, prefix, observer),
    ...consumersOf(redis, prefix),
    ...announcementsOf(redis, prefix),
  }
}
