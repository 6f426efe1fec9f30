import { randomUUID } from 'node:crypto'
import { startFaultyProxy } from '@app/infra'
import { ownRedis } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { connectRedis, createBus, StreamConsumer, whenReady } from './index.ts'

const PATIENCE = { timeout: 60_000, interval: 20 }
const ticket = () => ({ v: 1 as const, type: 'tag', jobId: randomUUID(), fence: 0 })
const one = (queue = 'tag') => [{ queue, lane: 'normal' as const, ticket: ticket() }]

/** A Redis behind a network that breaks on command. */
async function brokenNetwork() {
  const server = await ownRedis()
  const proxy = await startFaultyProxy(server.port)
  const url = server.url.replace(`:${server.port}`, `:${proxy.port}`)
  return {
    server,
    proxy,
    url,
    connect: async () => {
      const redis = connectRedis(url, () => {})
      await whenReady(redis, 20_000)
      return { redis, bus: createBus(redis, server.prefix) }
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

it('row 17: sends nothing twice when an answer is lost, a thousand times: the caller is told, and decides', async () => {
  await using network = await brokenNetwork()
  const [connections, times] = [25, 40]

  const told = await Promise.all(
    Array.from({ length: connections }, async (_, index) => {
      const { redis, bus } = await network.connect()
      const errors: unknown[] = []
      for (let time = 0; time < times; time += 1) {
        await whenReady(redis, 20_000)
        const lost = network.proxy.loseAnswerTo(`{queue-${index}-}`)
        errors.push(...(await bus.publish(one(`queue-${index}-`))))
        await lost
      }
      const depth = await whenReady(redis, 20_000).then(() => bus.depth(`queue-${index}-`))
      redis.disconnect()
      return { errors: errors.filter((answer) => answer instanceof Error).length, depth }
    }),
  )

  expect(told).toEqual(told.map(() => ({ errors: times, depth: times })))
})

it('row 17: rebuilds a connection on which a blocked read is never answered, and reads on', async () => {
  await using network = await brokenNetwork()
  const { redis, bus } = await network.connect()
  await bus.ensureGroups('tag')
  const handled: string[] = []
  const consumer = new StreamConsumer({
    ...{ bus, url: network.url, queue: 'tag', consumer: 'me', slots: 1, leaseMs: 12_000 },
    onError: () => {},
    handle: async (delivery) => {
      handled.push(JSON.parse(delivery.ticket).jobId)
      return 'done'
    },
  })
  consumer.start()
  const [before] = one()
  await bus.publish(before ? [before] : [])
  await vi.waitUntil(() => handled.length === 1, PATIENCE)

  // Of all connections only the one that blocks goes silent: nothing else tells that it is dead.
  network.proxy.set({ dropsAnswers: true, only: 'xreadgroup' })
  await vi.waitUntil(() => network.proxy.droppedBytes > 0, PATIENCE)
  network.proxy.heal()
  const [after] = one()
  expect(await bus.publish(after ? [after] : [])).toEqual([expect.any(String)])
  await vi.waitUntil(() => handled.length >= 2, PATIENCE)
  await consumer.stopReading()
  await consumer.close()
  redis.disconnect()

  expect(handled).toEqual([before?.ticket.jobId, after?.ticket.jobId])
})

it('row 17: listens on over a new connection where the old one has gone silent', async () => {
  await using network = await brokenNetwork()
  const direct = connectRedis(network.server.url, () => {})
  await whenReady(direct, 20_000)
  const announcer = createBus(direct, network.server.prefix)
  const heard: string[] = []
  const hints = announcer.listenForHints({
    url: network.url,
    onCancelled: (ids) => heard.push(...ids),
    ...{ onWake: () => {}, onError: () => {} },
  })
  const tellUntilHeard = (id: string) =>
    vi.waitUntil(async () => {
      await announcer.announceCancelled([id])
      return heard.includes(id)
    }, PATIENCE)
  await tellUntilHeard('before')

  network.proxy.set({ dropsAnswers: true })
  await vi.waitUntil(() => network.proxy.droppedBytes > 0, PATIENCE)
  // From here on the old connection is open and says nothing any more, for ever.
  network.proxy.heal()

  await tellUntilHeard('after')
  hints.disconnect()
  direct.disconnect()
})

it('row 17: reconnects when the server says that it is a replica now', async () => {
  await using network = await brokenNetwork()
  const { redis, bus } = await network.connect()
  let connects = 0
  redis.on('ready', () => {
    connects += 1
  })
  await network.server.ask((server) => server.replicaof('127.0.0.1', 1))

  expect(await bus.publish(one())).toEqual([
    expect.objectContaining({ message: expect.stringContaining('READONLY') }),
  ])
  await network.server.ask((server) => server.replicaof('NO', 'ONE'))
  await vi.waitUntil(() => connects > 0, PATIENCE)

  expect(await bus.publish(one())).toEqual([expect.any(String)])
  redis.disconnect()
})
