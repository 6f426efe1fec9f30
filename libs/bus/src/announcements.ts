import type { JobEvent } from '@app/contracts'
import { cancelChannel, eventsKey, failedKey, wakeChannel } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { frequentScript } from './scripts.ts'

const KEEP_EVENTS = 10_000
const KEEP_FAILED = 10_000

/** What is told to whoever listens: hints, all of them. Postgres says what is true. */
export function announcementsOf(redis: RedisClient, prefix: string) {
  const announce = frequentScript(redis, 'announce')
  return {
    /** Leaves a hint that something of this queue is a dead letter; the row in Postgres is the truth. */
    async hintFailed(queue: string, fields: Record<string, string>): Promise<void> {
      const flat = Object.entries(fields).flat()
      await redis.xadd(failedKey(prefix, queue), 'MAXLEN', '~', KEEP_FAILED, '*', ...flat)
    },

    async publishEvents(events: readonly JobEvent[]): Promise<void> {
      if (events.length === 0) return
      await announce(
        [eventsKey(prefix)],
        [String(KEEP_EVENTS), ...events.map((event) => JSON.stringify(event))],
      )
    },

    async announceCancelled(jobIds: readonly string[]): Promise<void> {
      if (jobIds.length > 0) await redis.publish(cancelChannel(prefix), JSON.stringify(jobIds))
    },

    /** Tells every dispatcher that jobs may be due. */
    async wakeDispatchers(): Promise<void> {
      await redis.publish(wakeChannel(prefix), '')
    },
  }
}
