import { type Bus, connectRedis, createBus, type Delivery, LEASE_MS, streamKey, whenReady } from '@app/bus'
import { LANES } from '@app/contracts'
import { testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { seededRandom } from '../../../../scripts/demo/book/seeded-random.ts'
import type { Link } from '../engine/link.ts'
import type { Bugs } from './planted-bugs.ts'
import { RedisServer } from './redis-server.ts'
import { lanesOf, simulatedBus } from './simulated-bus.ts'

const QUEUE = 'tag'
const CONSUMERS = ['a', 'b', 'c']
const STEPS = 60
/** Longer than any lease. */
const AGED_MS = 60_000
/** Seeds after which a bug has long shown. */
const ENOUGH = 40

const atOnce: Link = { call: (serve) => new Promise((give, fail) => serve({ give, fail })) }

/** A way to do things to one side; entries are named by the number of the job on their ticket. */
interface Side {
  bus: Bus
  streams: readonly string[]
  /** Job numbers and ids of a stream's entries, oldest first. */
  entries: (stream: string) => Promise<[job: number, id: string][]>
  state: () => Promise<unknown>
  age: (stream: string, id: string) => Promise<void>
  drop: (stream: string) => Promise<void>
  dropGroup: (stream: string) => Promise<void>
  xdel: (stream: string, id: string) => Promise<void>
}

type Action = (side: Side) => Promise<unknown>

it.each(Array.from({ length: 25 }, (_, seed) => seed))(
  'real Redis with our scripts and the model answer alike, and come to the same, in random steps %i',
  { timeout: 60_000 },
  async (seed) => {
    expect(await firstDifference(seed, new Set())).toBeUndefined()
  },
)

it('these steps tell a model with a planted bug from real Redis', { timeout: 60_000 }, async () => {
  const bugs: Bugs = new Set(['ack-by-non-owner'])
  let difference: string | undefined
  for (let seed = 0; difference === undefined && seed < ENOUGH; seed += 1)
    difference = await firstDifference(seed, bugs)

  expect(difference).toBeDefined()
})

it('a blocked read is served by what comes first, and told when its stream goes', {
  timeout: 60_000,
}, async () => {
  await using real = await realSide()
  const answers = []
  for (const side of [modelSide(), real]) {
    await side.bus.ensureGroups(QUEUE)
    const reader = side.bus.openReader({
      url: testRedis().url,
      queue: QUEUE,
      consumer: 'a',
      onError: () => {},
    })
    const first = reader.next()
    // Once the reader is blocked: an interrupt says whether it was.
    await expect.poll(() => reader.interrupt(), { interval: 20 }).toBe(true)
    const interrupted = await first
    const second = reader.next()
    await side.bus.publish([publication('low', 1)])
    const found = (await second).map(told)
    const third = reader.next().catch((error: Error) => /^UNBLOCKED|^NOGROUP/.test(error.message))
    for (const stream of side.streams) await side.drop(stream)
    answers.push([interrupted, found, await third, await side.state()])
    reader.close()
  }

  expect(answers[0]).toEqual(answers[1])
})

/** Does the same to both, and says what differed first. */
async function firstDifference(seed: number, bugs: Bugs): Promise<string | undefined> {
  await using real = await realSide()
  const model = modelSide(bugs)
  const random = seededRandom(seed)
  const story: string[] = []
  for (let step = 0; step < STEPS; step += 1) {
    const { name, action } = drawAction(random)
    story.push(name)
    const [answer, modelled] = [await tried(action, real), await tried(action, model)]
    const is = JSON.stringify([modelled, await model.state()])
    const should = JSON.stringify([answer, await real.state()])
    if (is !== should) return `${story.join(', ')}:\nmodel ${is}\nreal  ${should}`
  }
  return undefined
}

/** What goes wrong counts as an answer. */
const tried = (action: Action, side: Side): Promise<unknown> =>
  action(side).catch((error: Error) =>
    error.message.includes('NOGROUP') ? 'NOGROUP' : Promise.reject(error),
  )

let jobs = 0

/** An action with everything drawn beforehand, so that both sides do the same. */
function drawAction(random: () => number): { name: string; action: Action } {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
  const consumer = pick(CONSUMERS)
  const lane = Math.floor(random() * LANES.length)
  const quotas = LANES.map(() => Math.floor(random() * 3))
  const most = 1 + Math.floor(random() * 3)
  const shares = Array.from({ length: 40 }, random)
  const count = 1 + Math.floor(random() * 3)
  const living = new Set(CONSUMERS.filter(() => random() < 0.5))
  const leastIdleMs = pick([0, 1_000_000_000])
  const first = jobs
  const stream = (side: Side) => side.streams[lane] ?? ''
  /** Some of a stream's entries, whoever has them. */
  const some = async (side: Side) =>
    (await side.entries(stream(side))).filter((_, index) => (shares[index] ?? 1) < 0.4).map(([, id]) => id)

  const actions: Record<string, Action> = {
    publish: ({ bus }) =>
      bus
        .publish(
          Array.from({ length: count }, (_, index) => publication(LANES[lane] ?? 'normal', first + index)),
        )
        .then((ids) => ids.length),
    take: async (side) => {
      const finished = new Map([[stream(side), await some(side)]])
      const { acknowledged, deliveries } = await side.bus.take({ queue: QUEUE, consumer, quotas, finished })
      return [acknowledged, deliveries.map(told)]
    },
    takeOver: async (side) => (await side.bus.takeOver(stream(side), consumer, most, LEASE_MS)).map(told),
    renew: async (side) => await side.bus.renew(stream(side), consumer, await some(side)),
    handBack: async (side) => await side.bus.handBack(stream(side), consumer, await some(side)),
    release: async (side) => {
      const entryIds = await some(side)
      return await side.bus.release({ stream: stream(side), consumer, entryIds, leaseMs: AGED_MS })
    },
    age: async (side) => {
      for (const id of await some(side)) await side.age(stream(side), id)
    },
    removeConsumer: ({ bus }) => bus.removeConsumer(QUEUE, consumer),
    sweepConsumers: ({ bus }) => bus.sweepConsumers({ queue: QUEUE, idleMs: leastIdleMs, living }),
    entriesExist: async (side) => {
      const known = (await some(side)).map((entryId) => ({ stream: stream(side), entryId }))
      return await side.bus.entriesExist([...known, { stream: stream(side), entryId: '1-1' }])
    },
    xdel: async (side) => {
      const [entry] = await some(side)
      if (entry) await side.xdel(stream(side), entry)
    },
    ensureGroups: ({ bus }) => bus.ensureGroups(QUEUE),
    drop: (side) => side.drop(stream(side)),
    dropGroup: (side) => side.dropGroup(stream(side)),
  }
  jobs += count
  const name = pick([...OFTEN, ...Object.keys(actions)])
  return { name: `${name} ${consumer} ${LANES[lane]}`, action: actions[name] as Action }
}

const OFTEN = [
  'publish',
  'publish',
  'take',
  'take',
  'take',
  'takeOver',
  'renew',
  'age',
  'age',
  'ensureGroups',
  'ensureGroups',
]

const publication = (lane: (typeof LANES)[number], job: number) => ({
  queue: QUEUE,
  lane,
  ticket: {
    v: 1 as const,
    type: 'tag',
    jobId: `00000000-0000-4000-8000-${String(job).padStart(12, '0')}`,
    fence: 0,
  },
})

const numberOf = (ticket: string): number => Number(JSON.parse(ticket).jobId.slice(-12))
const told = ({ stream, ticket, reclaimed = false }: Delivery) => [
  stream.split('}')[1],
  numberOf(ticket),
  reclaimed,
]

async function realSide(): Promise<Side & AsyncDisposable> {
  const { url, prefix } = testRedis()
  const redis = connectRedis(url, () => {})
  await whenReady(redis, 5_000)
  const streams = LANES.map((lane) => streamKey(prefix, QUEUE, lane))
  const entries = async (stream: string): Promise<[number, string][]> =>
    (await redis.xrange(stream, '-', '+')).map(([id, fields]) => [numberOf(fields[1] ?? ''), id])

  const stateOf = async (stream: string) => {
    const jobOf = new Map((await entries(stream)).map(([job, id]) => [id, job]))
    const orNothing = <T>(answer: Promise<T[]>) => answer.catch((): T[] => [])
    const pending = (
      await orNothing(redis.xpending(stream, 'workers', '-', '+', 1_000) as Promise<Pending[]>)
    ).map(([id, owner, , deliveries]) => [jobOf.get(id), owner, deliveries])
    const consumers = (
      await orNothing(redis.xinfo('CONSUMERS', stream, 'workers') as Promise<unknown[][]>)
    ).map((fields) => [fields[1], fields[3]])
    return { entries: [...jobOf.values()], pending, consumers: consumers.sort() }
  }

  return {
    ...{ bus: createBus(redis, prefix), streams, entries },
    state: () => Promise.all(streams.map(stateOf)),
    async age(stream, id) {
      const [pending] = await (redis.xpending(stream, 'workers', id, id, 1) as Promise<Pending[]>)
      if (pending) await redis.xclaim(stream, 'workers', pending[1], 0, id, 'IDLE', AGED_MS, 'JUSTID')
    },
    drop: async (stream) => void (await redis.del(stream)),
    dropGroup: async (stream) => {
      await redis.xgroup('DESTROY', stream, 'workers').catch(() => {})
    },
    xdel: async (stream, id) => void (await redis.xdel(stream, id)),
    async [Symbol.asyncDispose]() {
      await redis.del(...streams)
      redis.disconnect()
    },
  }
}

type Pending = [id: string, owner: string, idleMs: number, deliveries: number]

function modelSide(bugs: Bugs = new Set()): Side {
  let nowMs = 1_700_000_000_000
  // Each command a moment later: ids of one millisecond are no other thing.
  const server = new RedisServer(() => (nowMs += 0.1), bugs)
  const bus = simulatedBus({
    ...{ redis: server, bugs, links: { commands: atOnce, reader: atOnce } },
    ...{ later: () => {}, onReconnect: () => () => {} },
    hints: { listen: () => ({ disconnect: () => {} }), cancelled: () => {} },
  })
  const streams = lanesOf(QUEUE)
  const entries = async (stream: string): Promise<[number, string][]> =>
    [...(server.streams.streams.get(stream)?.entries ?? [])].map(([id, { ticket }]) => [numberOf(ticket), id])

  return {
    ...{ bus, streams, entries },
    state: () =>
      Promise.all(
        streams.map(async (stream) => {
          const jobOf = new Map((await entries(stream)).map(([job, id]) => [id, job]))
          const group = server.streams.streams.get(stream)?.group
          const pending = [...(group?.pending ?? [])].sort(([, a], [, b]) => a.rank - b.rank)
          return {
            entries: [...jobOf.values()],
            pending: pending.map(([id, { consumer, deliveries }]) => [jobOf.get(id), consumer, deliveries]),
            consumers: server.streams
              .consumersOf(stream)
              .map((consumer) => [consumer.name, consumer.pending])
              .sort(),
          }
        }),
      ),
    async age(stream, id) {
      const owner = server.streams.ownerOf(stream, id)
      if (owner) server.streams.xclaimJustId(stream, owner, id, AGED_MS)
    },
    drop: async (stream) => server.lose([stream]),
    dropGroup: async (stream) => server.loseGroup(stream),
    xdel: async (stream, id) => server.streams.xdel(stream, id),
  }
}
