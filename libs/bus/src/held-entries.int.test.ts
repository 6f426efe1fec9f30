import { expect, it } from 'vitest'
import { type Delivery, LEASE_MS, type Outcome, StreamConsumer } from './index.ts'
import { ownQueue, QUEUE, tickets } from './testing/own-queue.ts'

/** With a consumer on it, which ends with the scope. */
async function consumed(slots: number, handle: (delivery: Delivery) => Promise<Outcome>) {
  const queue = await ownQueue()
  const { bus, redis, url, stream } = queue
  const options = {
    bus,
    url,
    queue: QUEUE,
    consumer: 'me',
    slots,
    leaseMs: LEASE_MS,
    handle,
    onError: () => {},
  }
  const consumer = new StreamConsumer(options)
  return {
    ...{ bus, redis, consumer, stream },
    async publish(): Promise<string> {
      const [entryId] = await bus.publish(tickets(1))
      return String(entryId)
    },
    async [Symbol.asyncDispose]() {
      await consumer.stopReading()
      await consumer.close()
      await queue[Symbol.asyncDispose]()
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
