import { LANES } from '@app/contracts'
import { openBlocking } from './blocking.ts'
import { BLOCK_MS } from './connect-options.ts'
import { type Delivery, deliveriesOf, type StreamAnswer } from './deliveries.ts'
import { GROUP, streamKey } from './keys.ts'
import type { RedisClient } from './redis-client.ts'

export interface ReaderOptions {
  bus: { prefix: string; redis: RedisClient }
  url: string
  queue: string
  consumer: string
  onError: (error: Error) => void
}

/** Waits for what comes to an empty queue, over a blocking connection of its own. */
export function openReader({ bus, url, queue, consumer, onError }: ReaderOptions) {
  const streams = LANES.map((lane) => streamKey(bus.prefix, queue, lane))
  const keys = [...streams, ...streams.map(() => '>')]
  const blocking = openBlocking({ url, key: streamKey(bus.prefix, queue, 'normal'), onError })

  return {
    streams,

    /**
     * Whatever comes within two seconds, at most one entry a lane (COUNT counts per stream). Rejects when Redis is
     * away, and with NOGROUP or UNBLOCKED where the group is gone.
     */
    async next(): Promise<Delivery[]> {
      const answer = await blocking.read((redis) =>
        // The driver's own method, not call(): under RESP3 that one answers with a flattened map.
        redis.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys),
      )
      return deliveriesOf(answer as StreamAnswer)
    },

    /**
     * Ends a blocked read at once, so that nothing is delivered to a consumer that has stopped listening; returns
     * whether one was blocked.
     */
    interrupt: (): Promise<boolean> => blocking.interrupt(bus.redis),

    close: blocking.close,
  }
}

export type Reader = ReturnType<typeof openReader>
