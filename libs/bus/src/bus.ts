import { LANES } from '@app/contracts'
import { announcementsOf } from './announcements.ts'
import { consumersOf } from './dead-consumers.ts'
import { type Delivery, deliveriesOf, type StreamAnswer } from './deliveries.ts'
import { type HintListeners, listenForHints } from './hints.ts'
import { GROUP, streamKey } from './keys.ts'
import { type BusObserver, leasesOf } from './leases.ts'
import { limitsOf } from './limits/limits.ts'
import { pipelined } from './pipelined.ts'
import { publisher } from './publish.ts'
import { openReader, type ReaderOptions } from './reader.ts'
import { onReconnect, type RedisClient } from './redis-client.ts'

export type Bus = ReturnType<typeof createBus>

/** The Redis Streams transport: publish, lease, take over, acknowledge, hand back. It knows no Postgres. */
export function createBus(redis: RedisClient, prefix: string, observer: BusObserver = {}) {
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
      const answers = await pipelined(redis, entries, {
        keyOf: ({ stream }) => stream,
        add: (pipeline, { stream, entryId }) => pipeline.xrange(stream, entryId, entryId),
      })
      return answers.map((found) => {
        if (found instanceof Error) throw found
        return (found as unknown[]).length > 0
      })
    },

    /** Entries that wait or run, over all lanes: exact, because an acknowledgement deletes. */
    async depth(queue: string): Promise<number> {
      const lengths = await Promise.all(LANES.map((lane) => redis.xlen(streamKey(prefix, queue, lane))))
      return lengths.reduce((sum, length) => sum + length, 0)
    },

    /** For blocking reads, and to hear of what is due or cancelled: each on a connection of its own. */
    openReader: (options: Omit<ReaderOptions, 'bus'>) => openReader({ bus: { prefix, redis }, ...options }),
    listenForHints: (listeners: Omit<HintListeners, 'bus'>): { disconnect: () => void } =>
      listenForHints({ bus: { prefix }, ...listeners }),

    /** Calls `listener` whenever the connection for commands was made again; returns what ends that. */
    onReconnect: (listener: () => void) => onReconnect(redis, listener),

    limits: limitsOf(redis, prefix),
    ...leasesOf(redis, prefix, observer),
    ...consumersOf(redis, prefix),
    ...announcementsOf(redis, prefix),
  }
}
