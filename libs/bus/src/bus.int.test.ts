import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { ownRedis, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import {
  connectRedis,
  createBus,
  listenForHints,
  openReader,
  streamKey,
  subscribeEvents,
  whenReady,
} from './index.ts'

const ticket = () => ({ v: 1 as const, type: 'tag', jobId: randomUUID(), fence: 0 })
const idOf = (text: string): string => JSON.parse(text).jobId

async function openBus({ url, prefix } = testRedis()) {
  const redis = connectRedis(url, () => {})
  await whenReady(redis, 5_000)
  const bus = createBus(redis, prefix)
  await bus.ensureGroups('tag')
  const reader = openReader({ bus, url, queue: 'tag', consumer: 'me', onError: () => {} })
  return {
    bus,
    url,
    reader,
    /** Up to `most` entries that wait, highest lane first. */
    read: async (most: number) =>
      (await bus.take({ queue: 'tag', consumer: 'me', quotas: [most, 0, 0] })).deliveries,
    stream: streamKey(prefix, 'tag', 'normal'),
    async [Symbol.asyncDispose]() {
      reader.close()
      const keys = await redis.keys(`${prefix}*`).catch(() => [])
      if (keys.length > 0) await redis.del(...keys)
      redis.disconnect()
    },
  }
}

it('reads higher lanes first', async () => {
  await using opened = await openBus()
  const { bus } = opened
  const [low, normal, high] = [ticket(), ticket(), ticket()]
  await bus.publish([
    { queue: 'tag', lane: 'low', ticket: low },
    { queue: 'tag', lane: 'normal', ticket: normal },
    { queue: 'tag', lane: 'high', ticket: high },
  ])

  const deliveries = await opened.read(3)

  expect(deliveries.map((delivery) => idOf(delivery.ticket))).toEqual([high.jobId, normal.jobId, low.jobId])
})

it('never holds more than it was asked for', async () => {
  await using opened = await openBus()
  const { bus, stream } = opened
  await bus.publish(
    Array.from({ length: 5 }, () => ({ queue: 'tag', lane: 'normal' as const, ticket: ticket() })),
  )

  expect(await opened.read(2)).toHaveLength(2)
  expect(((await bus.redis.xpending(stream, 'workers')) as [number])[0]).toBe(2)
})

it('wakes a blocked reader with what is published', async () => {
  await using opened = await openBus()
  const { bus, reader } = opened
  const one = ticket()
  const reading = reader.next()

  await bus.publish([{ queue: 'tag', lane: 'normal', ticket: one }])

  expect((await reading).map((delivery) => idOf(delivery.ticket))).toEqual([one.jobId])
})

it('counts delivered and undelivered entries as depth until they are acknowledged', async () => {
  await using opened = await openBus()
  const { bus } = opened
  await bus.publish([
    { queue: 'tag', lane: 'high', ticket: ticket() },
    { queue: 'tag', lane: 'low', ticket: ticket() },
  ])
  const [first] = await opened.read(1)
  expect(await bus.depth('tag')).toBe(2)

  expect(await bus.acknowledge(first?.stream ?? '', 'me', [first?.entryId ?? ''])).toBe(1)

  expect(await bus.depth('tag')).toBe(1)
})

it('gives what is handed back to another consumer at once, and only the owner can hand back', async () => {
  await using opened = await openBus()
  const { bus, stream } = opened
  const one = ticket()
  await bus.publish([{ queue: 'tag', lane: 'normal', ticket: one }])
  const [delivery] = await bus.readNew(stream, 'me', 1)

  expect(await bus.handBack(stream, 'somebody else', [delivery?.entryId ?? ''])).toBe(0)
  expect(await bus.handBack(stream, 'me', [delivery?.entryId ?? ''])).toBe(1)

  const [again] = await bus.readNew(stream, 'other', 1)
  expect(idOf(again?.ticket ?? '{}')).toBe(one.jobId)
  expect(await bus.depth('tag')).toBe(1)
})

it('takes over only entries whose lease has run out, past more living ones than fit one scan', async () => {
  await using opened = await openBus()
  const { bus, stream } = opened
  await bus.publish(
    Array.from({ length: 150 }, () => ({ queue: 'tag', lane: 'normal' as const, ticket: ticket() })),
  )
  const living = await bus.readNew(stream, 'living', 140)
  const dead = await bus.readNew(stream, 'dead', 10)
  await bus.redis.xclaim(
    stream,
    'workers',
    'dead',
    0,
    ...dead.map((entry) => entry.entryId),
    'IDLE',
    60_000,
    'JUSTID',
  )
  await bus.renew(
    stream,
    'living',
    living.map((entry) => entry.entryId),
  )

  const taken = await bus.takeOver(stream, 'me', 4, 12_000)

  expect(taken.map((entry) => entry.entryId)).toEqual(dead.slice(0, 4).map((entry) => entry.entryId))
})

it('keeps the delivery count when it renews a lease', async () => {
  await using opened = await openBus()
  const { bus, stream } = opened
  await bus.publish([{ queue: 'tag', lane: 'normal', ticket: ticket() }])
  const [delivery] = await bus.readNew(stream, 'me', 1)
  const id = delivery?.entryId ?? ''

  expect(await bus.renew(stream, 'me', [id, '1-1'])).toEqual(['renewed', 'missing'])

  const [[, , , deliveries]] = (await bus.redis.xpending(stream, 'workers', '-', '+', 1)) as [
    [string, string, number, number],
  ]
  expect(deliveries).toBe(1)
})

it('does not remove a consumer on which entries are pending', async () => {
  await using opened = await openBus()
  const { bus, stream } = opened
  await bus.publish([{ queue: 'tag', lane: 'normal', ticket: ticket() }])
  const [delivery] = await bus.readNew(stream, 'me', 1)

  await bus.removeConsumer('tag', 'me')
  expect(await bus.acknowledge(stream, 'me', [delivery?.entryId ?? ''])).toBe(1)
  await bus.removeConsumer('tag', 'me')

  expect(await bus.redis.xinfo('CONSUMERS', stream, 'workers')).toEqual([])
})

it('says NOGROUP when Redis was emptied, and reads from the first entry once the group is made anew', async () => {
  await using opened = await openBus()
  const { bus, stream } = opened
  await bus.redis.del(stream, `${stream}:high`, `${stream}:low`)
  const one = ticket()
  await bus.publish([{ queue: 'tag', lane: 'normal', ticket: one }])

  await expect(opened.read(1)).rejects.toThrow('NOGROUP')
  expect(await bus.acknowledge(stream, 'me', ['1-1'])).toBe(0)
  expect(await bus.renew(stream, 'me', ['1-1'])).toEqual(['missing'])
  await bus.ensureGroups('tag')

  expect((await opened.read(1)).map((delivery) => idOf(delivery.ticket))).toEqual([one.jobId])
})

it('passes on the ids of cancelled jobs, and nothing of a message that is nonsense', async () => {
  await using opened = await openBus()
  const { bus, url } = opened
  const [told, heard] = [[] as string[][], Promise.withResolvers<void>()]
  const hints = listenForHints({
    bus,
    url,
    onError: () => {},
    onWake: () => heard.resolve(),
    onCancelled: (ids) => told.push(ids),
  })
  await once(hints, 'ready')
  // Subscribed after ready: whoever announces before that is not heard.
  while ((await bus.redis.publish(`${bus.prefix}:cancel`, 'not json')) === 0);

  await bus.redis.publish(`${bus.prefix}:cancel`, '{"ids":1}')
  await bus.announceCancelled(['a', 'b'])
  await bus.wakeDispatchers()
  await heard.promise
  hints.disconnect()

  expect(told.filter((ids) => ids.length > 0)).toEqual([['a', 'b']])
})

it('refuses a ticket over one kilobyte', async () => {
  await using opened = await openBus()
  const large = { ...ticket(), traceparent: 'x'.repeat(1_024) }

  await expect(opened.bus.publish([{ queue: 'tag', lane: 'normal', ticket: large }])).rejects.toThrow(
    '1024 bytes',
  )
})

it('fails at once while Redis is away, and works again when it is back', async () => {
  await using server = await ownRedis()
  await using opened = await openBus(server)
  const { bus } = opened
  const one = ticket()
  await server.kill()

  expect(await bus.publish([{ queue: 'tag', lane: 'normal', ticket: ticket() }])).toEqual([expect.any(Error)])
  await expect(opened.read(1)).rejects.toThrow()
  await server.revive()
  await whenReady(bus.redis, 10_000)
  // What was written in the second before the kill may be lost, the group too.
  await bus.ensureGroups('tag')
  await bus.publish([{ queue: 'tag', lane: 'normal', ticket: one }])

  expect((await opened.read(1)).map((delivery) => idOf(delivery.ticket))).toEqual([one.jobId])
})

it('tells a subscriber of every event from the moment it listens', async () => {
  await using opened = await openBus()
  const { bus, url } = opened
  const stop = new AbortController()
  const [heard, done] = [[] as string[], Promise.withResolvers<void>()]
  const event = (jobId: string) => ({
    type: 'job.completed.v1' as const,
    jobId,
    jobType: 'tag',
    subjectKind: 'audiobook',
    subjectId: randomUUID(),
    at: new Date().toISOString(),
  })
  const ids = Array.from({ length: 20 }, () => randomUUID())
  const listening = subscribeEvents({
    url,
    prefix: bus.prefix,
    signal: stop.signal,
    onError: () => {},
    onEvent: ({ jobId }) => {
      heard.push(jobId)
      if (ids.every((id) => heard.includes(id))) done.resolve()
    },
  })

  // Until it listens, nobody is told: so the first is repeated until it is heard.
  while (!heard.includes(ids[0] ?? '')) await bus.publishEvents([event(ids[0] ?? '')])
  for (const id of ids.slice(1)) await bus.publishEvents([event(id)])
  await done.promise
  stop.abort()
  await listening

  expect(heard.filter((id) => id !== ids[0])).toEqual(ids.slice(1))
})
