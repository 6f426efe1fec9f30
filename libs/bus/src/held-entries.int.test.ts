import { randomUUID } from 'node:crypto'
import { LANES } from '@app/contracts'
import { testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import {
  connectRedis,
  createBus,
  type Delivery,
  LEASE_MS,
  type Outcome,
  StreamConsumer,
  streamKey,
  whenReady,
} from './index.ts'

/** A queue of one's own with a consumer on it, which ends with the scope. */
async function consumed(slots: number, handle: (delivery: Delivery) => Promise<Outcome>) {
  const { url, prefix } = testRedis()
  const redis = connectRedis(url, () => {})
  await whenReady(redis, 5_000)
  const bus = createBus(redis, prefix)
  await bus.ensureGroups('tag')
  const options = {
    bus,
    url,
    queue: 'tag',
    consumer: 'me',
    slots,
    leaseMs: LEASE_MS,
    handle,
    onError: () => {},
  }
  const consumer = new StreamConsumer(options)
  return {
    ...{ bus, redis, consumer },
    stream: streamKey(prefix, 'tag', 'normal'),
    async publish(): Promise<string> {
      const ticket = { v: 1 as const, type: 'tag', jobId: randomUUID(), fence: 0 }
      const [entryId] = await bus.publish([{ queue: 'tag', lane: 'normal', ticket }])
      return String(entryId)
    },
    async [Symbol.asyncDispose]() {
      await consumer.stopReading()
      await consumer.close()
      await redis.del(...LANES.map((lane) => streamKey(prefix, 'tag', lane)))
      redis.disconnect()
    },
  }
}

it('row 4: does not begin what it holds once more, when the group was lost and delivers everything anew', async () => {
  const begun: string[] = []
  const second = Promise.withResolvers<void>()
  const end = Promise.withResolvers<Outcome>()
  await using queue = await consumed(3, async ({ entryId }) => {
    begun.push(entryId)
    if (begun.length === 2) second.resolve()
    return await end.promise
  })
  queue.consumer.start()
  const first = await queue.publish()
  await expect.poll(() => begun).toEqual([first])

  await queue.redis.xgroup('DESTROY', queue.stream, 'workers')
  // Delivered behind the first, so that this has been seen by then.
  const next = await queue.publish()
  await second.promise
  end.resolve('done')

  expect(begun).toEqual([first, next])
})

it('row 9: lets others have at once, by its own id, what it took over and can not begin', async () => {
  const refused = Promise.withResolvers<void>()
  await using queue = await consumed(1, async ({ reclaimed }) => {
    if (reclaimed) refused.resolve()
    return 'hand-back'
  })
  const { bus, redis, stream } = queue
  const entryId = await queue.publish()
  await bus.readNew(stream, 'dead', 1)
  await redis.xclaim(stream, 'workers', 'dead', 0, entryId, 'IDLE', LEASE_MS, 'JUSTID')

  queue.consumer.start()
  await refused.promise
  await queue.consumer.stopReading()

  expect(await bus.takeOver(stream, 'other', 1, LEASE_MS)).toMatchObject([{ entryId, reclaimed: true }])
  expect(await bus.release({ stream, consumer: 'me', entryIds: [entryId], leaseMs: LEASE_MS })).toBe(0)
  expect(await bus.takeOver(stream, 'me', 1, LEASE_MS)).toEqual([])
})
