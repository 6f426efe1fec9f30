import { LANES } from '@app/contracts'
import type { Redis } from 'ioredis'
import type { Bus } from './bus.ts'
import { connectBlocking, whenReady } from './connect.ts'
import { type Delivery, deliveriesOf, type StreamAnswer } from './deliveries.ts'
import { GROUP, streamKey } from './keys.ts'

const BLOCK_MS = 2_000
/** A read unanswered for this long is on a dead connection, whatever the socket says. */
const WATCHDOG_MS = 3 * BLOCK_MS
const READY_MS = 2_000

interface ReaderOptions {
  bus: Bus
  url: string
  queue: string
  consumer: string
  onError: (error: Error) => void
}

/** Waits for what comes to an empty queue, over a blocking connection of its own. */
export function openReader({ bus, url, queue, consumer, onError }: ReaderOptions) {
  const blocking = connectBlocking(url, onError)
  const streams = LANES.map((lane) => streamKey(bus.prefix, queue, lane))
  let clientId: number | undefined
  blocking.on('ready', () => {
    clientId = undefined
  })

  return {
    streams,

    /**
     * Whatever comes within two seconds, at most one entry a lane (COUNT counts per stream). Rejects when Redis is
     * away, and with NOGROUP or UNBLOCKED where the group is gone.
     */
    async next(): Promise<Delivery[]> {
      await whenReady(blocking, READY_MS)
      clientId ??= Number(await withWatchdog(blocking, blocking.client('ID')))
      const keys = [...streams, ...streams.map(() => '>')]
      const answer = await withWatchdog(
        blocking,
        // The driver's own method, not call(): under RESP3 that one answers with a flattened map.
        blocking.xreadgroup('GROUP', GROUP, consumer, 'COUNT', 1, 'BLOCK', BLOCK_MS, 'STREAMS', ...keys),
      )
      return deliveriesOf(answer as StreamAnswer)
    },

    /** Ends a blocked read at once, so that nothing is delivered to a consumer that has stopped listening. */
    async interrupt(): Promise<void> {
      if (clientId !== undefined) await bus.redis.client('UNBLOCK', clientId)
    },

    close: () => blocking.disconnect(),
  }
}

export type Reader = ReturnType<typeof openReader>

/** Drops a connection that has gone silent: it is rebuilt, and the read rejects. */
async function withWatchdog<T>(redis: Redis, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      redis.disconnect(true)
      reject(new Error(`Redis gave no answer within ${WATCHDOG_MS} ms`))
    }, WATCHDOG_MS)
  })
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
    answer.catch(() => {})
  }
}
