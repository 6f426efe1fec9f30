import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { LANES } from '@app/contracts'
import { expect, it, vi } from 'vitest'
import { listenForHints, subscribeEvents } from './index.ts'
import { type BusUnderTest, idOf, PATIENCE, ticket } from './testing/bus-under-test.ts'

/** Every kind of Redis passes this, so nobody else need know which one they have. */
export function busTests({ open }: BusUnderTest): void {
  it('row 16: reads and publishes while one of its readers is blocked, and ends that one at once when told to', async () => {
    await using opened = await open()
    const { bus, reader } = opened
    const reading = reader.next()

    expect(await bus.depth('tag')).toBe(0)
    while (!(await reader.interrupt())) await delay(5)

    expect(await reading).toEqual([])
  })

  it('row 19: delivers what was published before there was a group, though many make it at once', async () => {
    await using opened = await open()
    const { bus, stream } = opened
    const queue = 'summarize'
    const one = ticket()
    await bus.publish([{ queue, lane: 'normal', ticket: one }])

    await Promise.all(Array.from({ length: 5 }, () => bus.ensureGroups(queue)))

    const found = await bus.readNew(stream.replace('{tag}', `{${queue}}`), 'me', 5)
    expect(found.map((delivery) => idOf(delivery.ticket))).toEqual([one.jobId])
  })

  it('row 29: keeps limits of many keys, wherever each lies', async () => {
    await using opened = await open()
    const { limits } = opened.bus
    const keys = ['openai/gpt-x', 'openai/gpt-y', 'gemini/flash', 'revai/uploads', 'k1', 'k2']
    const asker = () => ({ jobId: randomUUID(), fence: 0, flow: 'normal:one', weight: 1 })

    for (const key of keys) {
      const rate = { kind: 'rate', key, permits: 1, perMs: 3_600_000, burst: 2 } as const
      const slots = { kind: 'concurrency', key, most: 1 } as const
      const [holder, waiting] = [asker(), asker()]

      const tokens = await Promise.all([1, 2, 3].map(() => limits.take(rate, asker())))
      expect(tokens.map((answer) => answer.granted)).toEqual([true, true, false])
      await limits.learn(rate, { emptyForMs: 7_200_000 })
      expect(await limits.bringForward(key)).toEqual([])
      expect(await limits.missing(rate)).toEqual([])
      expect(await limits.bucketState(key)).toMatchObject({ tokens: 0, waiting: 1 })

      expect(await limits.take(slots, holder)).toMatchObject({ granted: true })
      expect(await limits.take(slots, waiting)).toMatchObject({ granted: false })
      await limits.renewSlots(key, [holder])
      expect(await limits.releaseSlot(key, holder)).toEqual([waiting.jobId])
      expect(await limits.holdersOf(key)).toEqual({ most: 1, waiting: 1, holders: [] })
    }
  })

  it('row 29: publishes to many queues at once, answers in order, and knows which entries still stand', async () => {
    await using opened = await open()
    const { bus, stream } = opened
    const queues = ['tag', 'transcribe', 'summarize', 'embed', 'render', 'deliver']
    const all = [...queues, ...queues].map((queue) => ({ queue, lane: 'low' as const, ticket: ticket() }))
    const streamOf = (queue: string) => `${stream.replace('{tag}', `{${queue}}`)}:low`

    const ids = (await bus.publish(all)).map(String)
    const entries = all.map(({ queue }, index) => ({ stream: streamOf(queue), entryId: ids[index] ?? '' }))
    await bus.redis.xdel(streamOf('embed'), ids[3] ?? '')

    const texts = await Promise.all(
      entries.map(({ stream: at, entryId }) => bus.redis.xrange(at, entryId, entryId)),
    )
    expect(texts.map(([entry]) => entry && idOf(entry[1][1] ?? ''))).toEqual(
      all.map((one, index) => (index === 3 ? undefined : one.ticket.jobId)),
    )
    expect(await bus.entriesExist(entries)).toEqual(all.map((_, index) => index !== 3))
  })

  it('rows 24, 29: reads the lanes of a queue in one command, higher ones first', async () => {
    await using opened = await open()
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

  it('row 21: never holds more than it was asked for, over all lanes', async () => {
    await using opened = await open()
    const { bus, stream } = opened
    for (const lane of LANES) {
      await bus.publish([1, 2].map(() => ({ queue: 'tag', lane, ticket: ticket() })))
    }

    expect(await opened.read(3)).toHaveLength(3)
    const held = await Promise.all(
      [`${stream}:high`, stream, `${stream}:low`].map((lane) => bus.redis.xpending(lane, 'workers')),
    )
    expect(held.map(([count]) => count)).toEqual([2, 1, 0])
  })

  it('wakes a blocked reader with what is published', async () => {
    await using opened = await open()
    const { bus, reader } = opened
    const one = ticket()
    const reading = reader.next()

    await bus.publish([{ queue: 'tag', lane: 'normal', ticket: one }])

    expect((await reading).map((delivery) => idOf(delivery.ticket))).toEqual([one.jobId])
  })

  it('counts delivered and undelivered entries as depth until they are acknowledged', async () => {
    await using opened = await open()
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

  it('row 9: gives what is handed back to another consumer at once, and only the owner can hand back', async () => {
    await using opened = await open()
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

  it('row 3: takes over only entries whose lease has run out, past more living ones than fit one scan', async () => {
    await using opened = await open()
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

  it('row 5: keeps the delivery count when it renews a lease', async () => {
    await using opened = await open()
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

  it('row 11: does not remove a consumer on which entries are pending', async () => {
    await using opened = await open()
    const { bus, stream } = opened
    await bus.publish([{ queue: 'tag', lane: 'normal', ticket: ticket() }])
    const [delivery] = await bus.readNew(stream, 'me', 1)

    await bus.removeConsumer('tag', 'me')
    expect(await bus.acknowledge(stream, 'me', [delivery?.entryId ?? ''])).toBe(1)
    await bus.removeConsumer('tag', 'me')

    expect(await bus.redis.xinfo('CONSUMERS', stream, 'workers')).toEqual([])
  })

  it('row 20: says NOGROUP when Redis was emptied, and reads from the first entry once the group is made anew', async () => {
    await using opened = await open()
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
    await using opened = await open()
    const { bus, url } = opened
    const [told, listening, heard] = [
      [] as string[][],
      Promise.withResolvers<void>(),
      Promise.withResolvers<void>(),
    ]
    const hints = listenForHints({
      bus,
      url,
      onError: () => {},
      onWake: () => heard.resolve(),
      onCancelled: (ids) => {
        told.push(ids)
        listening.resolve()
      },
    })
    // Subscribed after ready: whoever announces before that is not heard.
    await repeatUntil(listening.promise, () => bus.redis.publish(`${bus.prefix}:cancel`, 'not json'))

    await bus.redis.publish(`${bus.prefix}:cancel`, '{"ids":1}')
    await bus.announceCancelled(['a', 'b'])
    await bus.wakeDispatchers()
    // On a Cluster the three may overtake each other: they go by way of different nodes.
    await Promise.all([heard.promise, vi.waitUntil(() => told.flat().length > 0, PATIENCE)])
    hints.disconnect()

    expect(told.filter((ids) => ids.length > 0)).toEqual([['a', 'b']])
  })

  it('row 28: refuses a ticket over one kilobyte', async () => {
    await using opened = await open()
    const large = { ...ticket(), traceparent: 'x'.repeat(1_024) }

    await expect(opened.bus.publish([{ queue: 'tag', lane: 'normal', ticket: large }])).rejects.toThrow(
      '1024 bytes',
    )
  })

  it('tells a subscriber of every event from the moment it listens', async () => {
    await using opened = await open()
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
}

async function repeatUntil(done: Promise<unknown>, work: () => Promise<unknown>): Promise<void> {
  let isDone = false
  const ended = done.then(() => {
    isDone = true
  })
  while (!isDone) {
    await work()
    await Promise.race([ended, delay(10)])
  }
}
