import { randomUUID } from 'node:crypto'
import { LANES, type Lane } from '@app/contracts'
import { testRedis } from '@app/testkit'
import { connectRedis, createBus, type Publication, streamKey, whenReady } from '../index.ts'

/** What its tickets are for. */
export const QUEUE = 'tag'

export const tickets = (count: number, lane: Lane = 'normal'): Publication[] =>
  Array.from({ length: count }, () => ({
    queue: QUEUE,
    lane,
    ticket: { v: 1, type: QUEUE, jobId: randomUUID(), fence: 0 },
  }))

/** A queue of one's own on the Redis that all tests share; its streams go with the scope. */
export async function ownQueue() {
  const { url, prefix } = testRedis()
  const redis = connectRedis(url, () => {})
  await whenReady(redis, 5_000)
  const bus = createBus(redis, prefix)
  await bus.ensureGroups(QUEUE)
  return {
    ...{ bus, redis, url, stream: streamKey(prefix, QUEUE, 'normal') },
    async [Symbol.asyncDispose](): Promise<void> {
      await redis.del(...LANES.map((lane) => streamKey(prefix, QUEUE, lane)))
      redis.disconnect()
    },
  }
}
