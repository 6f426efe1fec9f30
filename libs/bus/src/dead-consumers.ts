import { LANES } from '@app/contracts'
import { GROUP, streamKey } from './keys.ts'
import type { RedisClient } from './redis-client.ts'
import { evalScript, script } from './scripts.ts'

const REMOVE_CONSUMER = script('remove-consumer')
/** A script that looks for one consumer among thousands takes a while; the others' turn comes with the next sweep. */
const MOST_AT_ONCE = 100

interface Sweep {
  queue: string
  /** Consumers that did nothing for this long, by Redis' clock. */
  idleMs: number
  /** Consumers to be left alone, whatever Redis says of them. */
  living: ReadonlySet<string>
}

/** How consumers leave their groups. Redis forgets none by itself, and one more comes with every process. */
export function consumersOf(redis: RedisClient, prefix: string) {
  const streamsOf = (queue: string): string[] => LANES.map((lane) => streamKey(prefix, queue, lane))
  const remove = async (stream: string, consumer: string, idleMs: number): Promise<boolean> =>
    (await evalScript(redis, REMOVE_CONSUMER, stream, [GROUP, consumer, String(idleMs)])) === 1

  return {
    /** Takes the consumer out of the group of each of the queue's streams where nothing is pending on it. */
    async removeConsumer(queue: string, consumer: string): Promise<void> {
      for (const stream of streamsOf(queue)) await remove(stream, consumer, 0)
    },

    /**
     * Takes dead consumers out of the queue's groups; returns how many. One with entries pending stays until others
     * have taken those over: with it they would be gone for good. One that lives after all comes back with its next read.
     */
    async sweepConsumers({ queue, idleMs, living }: Sweep): Promise<number> {
      let swept = 0
      for (const stream of streamsOf(queue)) {
        const idle = (await consumersIn(redis, stream)).filter(
          (consumer) => consumer.pending === 0 && consumer.idle >= idleMs && !living.has(consumer.name),
        )
        for (const { name } of idle.slice(0, MOST_AT_ONCE)) if (await remove(stream, name, idleMs)) swept += 1
      }
      return swept
    },
  }
}

interface ConsumerInfo {
  name: string
  pending: number
  idle: number
}

/** Nobody where there is no such stream or group. */
async function consumersIn(redis: RedisClient, stream: string): Promise<ConsumerInfo[]> {
  try {
    const answer = (await redis.xinfo('CONSUMERS', stream, GROUP)) as unknown[][]
    return answer.map((flat) => Object.fromEntries(pairsOf(flat)) as unknown as ConsumerInfo)
  } catch (error) {
    if (/NOGROUP|no such key/i.test(String(error))) return []
    throw error
  }
}

function pairsOf(flat: unknown[]): [string, unknown][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [String(flat[2 * index]), flat[2 * index + 1]])
}
