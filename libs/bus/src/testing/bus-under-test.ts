import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { deleteKeys, newPrefix, type OwnRedis } from '@app/testkit'
import { afterAll, beforeAll, describe } from 'vitest'
import {
  type Bus,
  connectRedis,
  createBus,
  openReader,
  StreamConsumer,
  streamKey,
  whenReady,
} from '../index.ts'

export const PATIENCE = { timeout: 60_000, interval: 20 }

/** What a suite needs of the Redis that it is run on. */
export interface BusUnderTest {
  /** Once the tests run. */
  server: () => OwnRedis
  open: () => ReturnType<typeof openBus>
}

/** Runs suites on one kind of Redis, started once for all of them. */
export function describeOnRedis(
  name: string,
  start: () => Promise<OwnRedis>,
  suites: readonly ((world: BusUnderTest) => void)[],
): void {
  describe(`the bus on ${name}`, () => {
    let server: OwnRedis
    beforeAll(async () => {
      server = await start()
    })
    afterAll(() => server[Symbol.asyncDispose]())
    for (const suite of suites) suite({ server: () => server, open: () => openBus(server.url) })
  })
}

export const ticket = () => ({ v: 1 as const, type: 'tag', jobId: randomUUID(), fence: 0 })
export const idOf = (text: string): string => JSON.parse(text).jobId

async function openBus(url: string) {
  const [redis, prefix] = [connectRedis(url, () => {}), newPrefix()]
  await whenReady(redis, 20_000)
  const bus = createBus(redis, prefix)
  await untilWorks(() => bus.ensureGroups('tag'))
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
      await deleteKeys(redis, prefix).catch(() => {})
      redis.disconnect()
    },
  }
}

interface ConsumerUnderTest {
  bus: Bus
  url: string
  handled: Set<string>
  onError?: (error: Error) => void
}

export function startConsumer({ bus, url, handled, onError = () => {} }: ConsumerUnderTest) {
  const consumer = new StreamConsumer({
    bus,
    url,
    queue: 'tag',
    consumer: 'a consumer',
    slots: 4,
    leaseMs: 12_000,
    onError,
    handle: async (delivery) => {
      handled.add(idOf(delivery.ticket))
      return 'done'
    },
  })
  consumer.start()
  return {
    async stop() {
      await consumer.stopReading()
      await consumer.close()
    },
  }
}

/** Publishes ten tickets and returns the ids of their jobs; rejects where one was not taken. */
export async function publishTen(bus: Bus): Promise<string[]> {
  const tickets = Array.from({ length: 10 }, ticket)
  const answers = await bus.publish(tickets.map((one) => ({ queue: 'tag', lane: 'normal', ticket: one })))
  for (const answer of answers) if (answer instanceof Error) throw answer
  return tickets.map(({ jobId }) => jobId)
}

/** While servers come back or agree who is the primary, what is asked of them fails; after a minute that is an error. */
export async function untilWorks(work: () => Promise<unknown>): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE.timeout
  for (;;) {
    try {
      await work()
      return
    } catch (error) {
      if (performance.now() > giveUpAt) throw error
      await delay(50)
    }
  }
}
