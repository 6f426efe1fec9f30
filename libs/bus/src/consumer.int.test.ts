import { LANES } from '@app/contracts'
import { expect, it, vi } from 'vitest'
import { type Bus, type Delivery, LEASE_MS, type Outcome, StreamConsumer, streamKey } from './index.ts'
import { ownQueue, QUEUE, tickets } from './testing/own-queue.ts'

/** With consumers on it that end with the scope. */
async function openQueue() {
  const queue = await ownQueue()
  const { bus, url } = queue
  const consumers: StreamConsumer[] = []
  return {
    bus,
    consume(options: {
      slots: number
      handle: (delivery: Delivery) => Promise<Outcome>
      consumer?: string
      leaseMs?: number
      bus?: Bus
      mayRead?: () => boolean
    }) {
      const consumer = new StreamConsumer({
        ...{ bus, url, queue: QUEUE, consumer: 'me', leaseMs: LEASE_MS, onError: () => {} },
        ...options,
      })
      consumers.push(consumer)
      consumer.start()
      return consumer
    },
    async [Symbol.asyncDispose]() {
      for (const consumer of consumers) {
        await consumer.stopReading()
        await consumer.close()
      }
      await queue[Symbol.asyncDispose]()
    },
  }
}

it.each([1, 3, 10, 64])(
  'row 24: with %i slots and all lanes full the low one gets a tenth of the starts, the high one six',
  async (slots) => {
    await using queue = await openQueue()
    const counts: Record<string, number> = { high: 0, normal: 0, low: 0 }
    for (const lane of LANES) await queue.bus.publish(tickets(200, lane))
    const laneOf = new Map(LANES.map((lane) => [streamKey(queue.bus.prefix, 'tag', lane), lane]))
    const enough = Promise.withResolvers<void>()
    let started = 0

    queue.consume({
      slots,
      handle: async ({ stream }) => {
        started += 1
        if (started <= 200) counts[laneOf.get(stream) ?? ''] = (counts[laneOf.get(stream) ?? ''] ?? 0) + 1
        if (started === 200) enough.resolve()
        return 'done'
      },
    })
    await enough.promise

    // The last read may be cut off by our counting to two hundred, lane by lane.
    expect(counts.low).toBeGreaterThanOrEqual(16)
    expect(counts.normal).toBeGreaterThanOrEqual(50)
    expect(counts.high).toBeGreaterThanOrEqual(115)
  },
)

it('row 22: holds no more than its slots, and leaves nothing behind', async () => {
  await using queue = await openQueue()
  await queue.bus.publish([...tickets(50, 'normal'), ...tickets(10, 'low'), ...tickets(10, 'high')])
  let [held, most, done] = [0, 0, 0]
  const [full, goOn, all] = [1, 2, 3].map(() => Promise.withResolvers<void>())
  const pending = async () => {
    const counts = LANES.map(async (lane) => {
      const [count] = await queue.bus.redis.xpending(streamKey(queue.bus.prefix, 'tag', lane), 'workers')
      return Number(count)
    })
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0)
  }

  queue.consume({
    slots: 7,
    handle: async () => {
      held += 1
      most = Math.max(most, held)
      if (held === 7) full?.resolve()
      await goOn?.promise
      held -= 1
      done += 1
      if (done === 70) all?.resolve()
      return 'done'
    },
  })
  await full?.promise
  // Whatever else it would read meanwhile has been read by then: commands have their turns.
  for (let times = 0; times < 5; times += 1) expect(await pending()).toBe(7)
  goOn?.resolve()
  await all?.promise

  expect(most).toBe(7)
  await expect.poll(() => queue.bus.depth('tag')).toBe(0)
})

it('acknowledges what finishes while nothing comes', async () => {
  await using queue = await openQueue()
  const finish = Promise.withResolvers<Outcome>()
  const begun = Promise.withResolvers<void>()
  queue.consume({
    slots: 2,
    handle: () => {
      begun.resolve()
      return finish.promise
    },
  })

  await queue.bus.publish(tickets(1, 'normal'))
  await begun.promise
  finish.resolve('done')

  await expect.poll(() => queue.bus.depth('tag'), { timeout: 10_000 }).toBe(0)
})

it('row 4: does not run again what it holds when it takes over its own entry, its beat being late', async () => {
  await using queue = await openQueue()
  const [stream, finish] = [streamKey(queue.bus.prefix, 'tag', 'low'), Promise.withResolvers<Outcome>()]
  let started = 0
  // Nobody renews anything here, and the lease is short: so every scan brings the entry back.
  queue.consume({
    slots: 2,
    leaseMs: 1,
    handle: () => {
      started += 1
      return finish.promise
    },
  })
  await queue.bus.publish(tickets(1, 'low'))
  await expect.poll(() => started).toBe(1)

  // After an outage it looks for expired leases one lease later.
  queue.bus.redis.disconnect(true)
  const deliveries = async () => {
    const [entry] = (await queue.bus.redis.xpending(stream, 'workers', '-', '+', 1)) as [
      [string, string, number, number],
    ]
    return entry[3]
  }
  await expect.poll(() => deliveries().catch(() => 0), { timeout: 20_000 }).toBeGreaterThan(1)
  await new Promise(setImmediate)

  expect(started).toBe(1)
  finish.resolve('done')
})

it('row 7: takes nothing over for one lease after an outage, in which nobody could renew', async () => {
  await using queue = await openQueue()
  // Only the clock by which it looks for expired leases.
  vi.useFakeTimers({ toFake: ['performance'] })
  let [looked, handled] = [0, 0]
  const takeOver: typeof queue.bus.takeOver = (...args) => {
    looked += 1
    return queue.bus.takeOver(...args)
  }
  queue.consume({
    bus: { ...queue.bus, takeOver },
    slots: 1,
    handle: async () => {
      handled += 1
      return 'done'
    },
  })
  // Each is handled by another round of its loop.
  const goRound = async (times: number) => {
    for (const until = handled + times; handled < until; ) {
      const before = handled
      await queue.bus.publish(tickets(1, 'normal'))
      await expect.poll(() => handled, { timeout: 20_000 }).toBe(before + 1)
    }
  }

  try {
    await goRound(1)
    const back = Promise.withResolvers<void>()
    queue.bus.redis.once('ready', back.resolve)
    queue.bus.redis.disconnect(true)
    await back.promise

    vi.advanceTimersByTime(LEASE_MS - 1_000)
    await goRound(3)
    expect(looked).toBe(0)

    vi.advanceTimersByTime(1_000)
    await goRound(3)
    expect(looked).toBeGreaterThan(0)
  } finally {
    vi.useRealTimers()
  }
})

it('row 21: gives back what a read of all lanes brings beyond its slots', async () => {
  await using queue = await openQueue()
  let [held, most, done] = [0, 0, 0]
  const all = Promise.withResolvers<void>()
  let isFirst = true
  // One for each lane comes between the look that finds nothing and the read that waits.
  const take: typeof queue.bus.take = async (step) => {
    const answer = await queue.bus.take(step)
    if (isFirst) for (const lane of LANES) await queue.bus.publish(tickets(1, lane))
    isFirst = false
    return answer
  }

  queue.consume({
    bus: { ...queue.bus, take },
    slots: 1,
    handle: async () => {
      held += 1
      most = Math.max(most, held)
      await new Promise(setImmediate)
      held -= 1
      done += 1
      if (done === 3) all.resolve()
      return 'done'
    },
  })
  await all.promise

  expect(most).toBe(1)
})

it('row 9: gives what it hands back to another consumer', async () => {
  await using queue = await openQueue()
  let open = true
  const taken = Promise.withResolvers<Delivery>()
  const [publication] = tickets(1, 'normal')
  if (!publication) return
  const tired = queue.consume({
    slots: 1,
    consumer: 'tired',
    mayRead: () => open,
    handle: async () => {
      open = false
      return 'hand-back'
    },
  })
  await queue.bus.publish([publication])
  await expect.poll(() => open).toBe(false)

  queue.consume({
    slots: 1,
    consumer: 'fresh',
    handle: async (delivery) => {
      taken.resolve(delivery)
      return 'done'
    },
  })

  const { ticket, reclaimed } = await taken.promise
  expect(JSON.parse(ticket).jobId).toBe(publication.ticket.jobId)
  // As new, not once a lease has run out.
  expect(reclaimed).toBeUndefined()
  expect(open).toBe(false)
  tired.wake()
})

it('starts nothing after it was told to stop, and holds nothing that it was given meanwhile', async () => {
  await using queue = await openQueue()
  let started = 0
  const one = queue.consume({
    slots: 5,
    consumer: 'one',
    handle: async () => {
      started += 1
      return 'done'
    },
  })
  await queue.bus.publish(tickets(1, 'normal'))
  await expect.poll(() => started).toBe(1)

  await one.stopReading()
  await queue.bus.publish(tickets(3, 'high'))
  const { deliveries } = await queue.bus.take({ queue: 'tag', consumer: 'other', quotas: [3, 0, 0] })

  expect(deliveries).toHaveLength(3)
  expect(started).toBe(1)
})

it('row 10: leaves the group when it closes and holds nothing', async () => {
  await using queue = await openQueue()
  const handled = Promise.withResolvers<void>()
  const one = queue.consume({
    slots: 1,
    handle: async () => {
      handled.resolve()
      return 'done'
    },
  })
  await queue.bus.publish(tickets(1, 'normal'))
  await handled.promise

  await one.stopReading()
  await one.close()

  for (const lane of LANES) {
    const stream = streamKey(queue.bus.prefix, 'tag', lane)
    expect(await queue.bus.redis.xinfo('CONSUMERS', stream, 'workers')).toEqual([])
  }
})

it('row 13: publishes thousands in order, each with its entry', async () => {
  await using queue = await openQueue()
  const many = [...tickets(1_200, 'normal'), ...tickets(30, 'low'), ...tickets(3, 'normal')]

  const ids = await queue.bus.publish(many)

  const entries = await queue.bus.redis.xrange(streamKey(queue.bus.prefix, 'tag', 'normal'), '-', '+')
  const written = entries.map(([id, [, ticket = '']]) => [id, JSON.parse(ticket).jobId])
  const asked = many.flatMap(({ lane, ticket }, index) =>
    lane === 'normal' ? [[ids[index], ticket.jobId]] : [],
  )
  expect(written).toEqual(asked)
})

it('row 6: acknowledges what it holds beside entries that it still works on or has lost', async () => {
  await using queue = await openQueue()
  await queue.bus.publish(tickets(40, 'normal'))
  const stream = streamKey(queue.bus.prefix, 'tag', 'normal')
  const { deliveries } = await queue.bus.take({ queue: 'tag', consumer: 'me', quotas: [0, 40, 0] })
  const ids = deliveries.map(({ entryId }) => entryId)
  const lost = ids.filter((_, index) => index % 5 === 0)
  await queue.bus.redis.xclaim(stream, 'workers', 'other', 0, ...lost, 'JUSTID')
  const finished = ids.filter((_, index) => index % 2 === 0)

  const { acknowledged } = await queue.bus.take({
    queue: 'tag',
    consumer: 'me',
    quotas: [0, 0, 0],
    // In whatever order they finished.
    finished: new Map([[stream, finished.toReversed()]]),
  })

  expect(acknowledged).toBe(finished.filter((id) => !lost.includes(id)).length)
  expect(await queue.bus.depth('tag')).toBe(40 - acknowledged)
})
