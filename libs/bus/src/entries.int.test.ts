import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { openReader } from './index.ts'
import { ownQueue, QUEUE, tickets } from './testing/own-queue.ts'

/** With a reader on it. */
async function openQueue() {
  const queue = await ownQueue()
  const { bus, redis, url, stream } = queue
  const reader = openReader({ bus, url, queue: QUEUE, consumer: 'me', onError: () => {} })
  return {
    ...{ bus, stream, reader },
    take: async (most: number) =>
      (await bus.take({ queue: QUEUE, consumer: 'me', quotas: [0, most, 0] })).deliveries,
    /** Ids of entries that were delivered and not acknowledged. */
    async pending(): Promise<string[]> {
      const answer = (await redis.xpending(stream, 'workers', '-', '+', 100)) as [string][]
      return answer.map(([id]) => id)
    },
    async [Symbol.asyncDispose]() {
      reader.close()
      await queue[Symbol.asyncDispose]()
    },
  }
}

it('row 1: holds what it has read as pending, however it read it, until it is acknowledged', async () => {
  await using queue = await openQueue()
  const { bus, stream } = queue
  const blocked = queue.reader.next()
  await bus.publish(tickets(1))
  const [first] = await blocked
  await bus.publish(tickets(1))
  const [second] = await queue.take(1)
  const ids = [first, second].map((delivery) => delivery?.entryId)

  expect(await queue.pending()).toEqual(ids)
  expect(await bus.takeOver(stream, 'heir', 10, 0)).toHaveLength(2)
})

it('row 12: leaves no reference to what it has acknowledged or handed back', async () => {
  await using queue = await openQueue()
  const { bus, stream } = queue
  await bus.publish(tickets(3))
  const [one, two, three] = (await queue.take(3)).map(({ entryId }) => entryId)
  if (!one || !two || !three) throw new Error('nothing was read')

  await bus.acknowledge(stream, 'me', [one])
  await bus.take({ queue: 'tag', consumer: 'me', quotas: [0, 0, 0], finished: new Map([[stream, [two]]]) })
  await bus.handBack(stream, 'me', [three])

  expect(await queue.pending()).toEqual([])
  const standing = (await bus.redis.xrange(stream, '-', '+')).map(([id]) => id)
  expect(standing).toHaveLength(1)
  expect([one, two, three]).not.toContain(standing[0])
})

it('rows 14, 15: counts what waits and runs exactly where the lag of Redis itself goes null', async () => {
  await using queue = await openQueue()
  const { bus, stream } = queue
  await bus.publish(tickets(2))
  const [, newest] = await queue.take(2)

  // The older one belongs to a process that dies here; the newest is done.
  await bus.acknowledge(stream, 'me', [newest?.entryId ?? ''])
  expect(await bus.depth('tag')).toBe(1)
  await bus.publish(tickets(25))

  // All processes are gone: whoever scales by this sees that there is something to do.
  expect(await bus.depth('tag')).toBe(26)
})

it('row 18: has the answer to a command before those of others that were sent in the same turn', async () => {
  await using queue = await openQueue()
  const { redis } = queue.bus
  let others = 0

  const quick = redis.ping()
  const slow = redis.blpop(`${queue.stream}:never`, 0.2).then(() => {
    others += 1
  })
  await quick
  await turn()

  expect(others).toBe(0)
  await slow
})
