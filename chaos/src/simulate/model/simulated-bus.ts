import type { Bus, Delivery, LeaseState } from '@app/bus'
import { streamKey } from '@app/bus'
import { LANES } from '@app/contracts'
import type { Answer, Link } from '../engine/link.ts'
import type { Bugs } from './planted-bugs.ts'
import type { RedisServer } from './redis-server.ts'
import type { Entry } from './redis-streams.ts'

const BLOCK_MS = 2_000

export interface SimulatedBusOptions {
  redis: RedisServer
  bugs: Bugs
  /** For commands, and for blocking reads. */
  links: { commands: Link; reader: Link }
  /** Calls back after so many milliseconds at the server. */
  later: (ms: number, act: () => void) => void
  /** Called with what is to be told after each reconnect; returns what ends that. */
  onReconnect: (listener: () => void) => () => void
  /** Hints reach whoever listens, or nobody. */
  hints: Hints
}

export interface Hints {
  listen: (listeners: HintListener) => { disconnect: () => void }
  cancelled: (jobIds: readonly string[]) => void
}

export interface HintListener {
  onCancelled: (jobIds: string[]) => void
  onWake: () => void
}

const PREFIX = 'sim'

/** The streams of a queue's lanes, highest first. */
export const lanesOf = (queue: string): string[] => LANES.map((lane) => streamKey(PREFIX, queue, lane))

/** The `Bus` of @app/bus over the model: whatever the job runtime asks of it, and nothing else. */
export function simulatedBus(options: SimulatedBusOptions): Bus {
  const { redis, links, hints, onReconnect } = options
  const ask: Ask = (serve) => links.commands.call(atServer(redis, serve))
  const remove = removerOf(options, ask)
  const bus: UsedOfBus = {
    prefix: PREFIX,
    onReconnect,
    listenForHints: (listeners) => hints.listen(listeners),
    announceCancelled: async (jobIds) => hints.cancelled(jobIds),
    // Nobody reads these here.
    hintFailed: async () => {},
    publishEvents: async () => {},

    publish: (publications) => publishTo(redis, ask, publications),

    async ensureGroups(queue) {
      for (const stream of lanesOf(queue)) await ask(() => redis.streams.xgroupCreate(stream))
    },

    async entriesExist(entries) {
      if (entries.length === 0) return []
      return await ask(() => entries.map(({ stream, entryId }) => redis.streams.exists(stream, entryId)))
    },

    async take({ queue, consumer, quotas, finished = new Map() }) {
      const streams = lanesOf(queue)
      const { acknowledged, found } = await ask(() =>
        redis.scripts.take({ streams, consumer, quotas, finished }),
      )
      const deliveries = streams.flatMap((stream, lane) => deliveriesOf(stream, found[lane] ?? []))
      return { acknowledged, deliveries }
    },

    async takeOver(stream, consumer, most, leaseMs) {
      const taken = await ask(() =>
        redis.streams.xautoclaim(stream, consumer, { idleMs: leaseMs, count: most }),
      )
      return deliveriesOf(stream, taken).map((delivery) => ({ ...delivery, reclaimed: true }))
    },

    async renew(stream, consumer, entryIds) {
      const answer = await orNoGroup(ask(() => redis.scripts.renew(stream, consumer, entryIds)))
      return entryIds.map((_, index) => stateOf(answer?.[index] ?? 0))
    },

    async handBack(stream, consumer, entryIds) {
      return (await orNoGroup(ask(() => redis.scripts.handBack(stream, consumer, entryIds)))) ?? 0
    },

    async release({ stream, consumer, entryIds, leaseMs }) {
      const released = ask(() => redis.scripts.release(stream, consumer, leaseMs, entryIds))
      return (await orNoGroup(released)) ?? 0
    },

    async removeConsumer(queue, consumer) {
      for (const stream of lanesOf(queue)) await remove({ stream, consumer, leastIdleMs: 0 })
    },

    async sweepConsumers({ queue, idleMs, living }) {
      let swept = 0
      for (const stream of lanesOf(queue)) {
        const consumers = await ask(() => redis.streams.consumersOf(stream))
        const idle = consumers.filter((it) => it.pending === 0 && it.idleMs >= idleMs && !living.has(it.name))
        for (const { name } of idle)
          if (await remove({ stream, consumer: name, leastIdleMs: idleMs })) swept += 1
      }
      return swept
    },

    openReader: ({ queue, consumer }) => simulatedReader(options, lanesOf(queue), consumer),
  }
  return bus as unknown as Bus
}

type UsedOfBus = Pick<
  Bus,
  | 'prefix'
  | 'publish'
  | 'ensureGroups'
  | 'entriesExist'
  | 'take'
  | 'takeOver'
  | 'renew'
  | 'handBack'
  | 'release'
  | 'removeConsumer'
  | 'sweepConsumers'
  | 'hintFailed'
  | 'publishEvents'
  | 'announceCancelled'
  | 'onReconnect'
  | 'listenForHints'
  | 'openReader'
>

/** Runs a command at the server, over the link for commands. */
type Ask = <T>(serve: () => T) => Promise<T>

async function publishTo(
  redis: RedisServer,
  ask: Ask,
  publications: Parameters<Bus['publish']>[0],
): ReturnType<Bus['publish']> {
  const byStream = Map.groupBy(publications.keys(), (index) => {
    const { queue, lane } = publications[index] as (typeof publications)[number]
    return streamKey(PREFIX, queue, lane)
  })
  const answers: (string | Error)[] = []
  const sendings = [...byStream].map(async ([stream, places]) => {
    const tickets = places.map((place) => JSON.stringify(publications[place]?.ticket))
    const ids = await ask(() => redis.scripts.publish(stream, tickets)).catch((error: Error) => error)
    for (const [index, place] of places.entries())
      answers[place] = ids instanceof Error ? ids : (ids[index] ?? '')
  })
  await Promise.all(sendings)
  return answers
}

interface Removal {
  stream: string
  consumer: string
  leastIdleMs: number
}

/** Removes a consumer that holds nothing; says whether it did. */
function removerOf({ redis, bugs }: SimulatedBusOptions, ask: Ask) {
  return bugs.has('consumer-deleted-after-stale-read') ? removeUnseen : remove

  async function remove({ stream, consumer, leastIdleMs }: Removal): Promise<boolean> {
    return (await orNoGroup(ask(() => redis.scripts.removeConsumer(stream, consumer, leastIdleMs)))) ?? false
  }
  /** The planted bug: what was read a moment ago is taken for what is. */
  async function removeUnseen({ stream, consumer }: Removal): Promise<boolean> {
    const pending = await orNoGroup(ask(() => redis.streams.pendingOf(stream, consumer).length))
    if (pending === 0) await orNoGroup(ask(() => redis.streams.xgroupDelConsumer(stream, consumer)))
    return pending === 0
  }
}

function simulatedReader(
  { redis, links, later }: SimulatedBusOptions,
  streams: string[],
  consumer: string,
): ReturnType<Bus['openReader']> {
  let unblock = (): boolean => false
  return {
    streams,
    async next() {
      const found = await links.reader.call<[string, Entry[]][]>(({ give, fail }) => {
        try {
          unblock = redis.block({ consumer, streams, give, fail })
          later(BLOCK_MS, unblock)
        } catch (error) {
          fail(error as Error)
        }
      })
      return found.flatMap(([stream, entries]) => deliveriesOf(stream, entries))
    },
    interrupt: () => links.commands.call(({ give }) => give(unblock())),
    close: () => {},
  }
}

/** A command of Redis, and then what others were waiting for. */
const atServer =
  <T>(redis: RedisServer, serve: () => T) =>
  ({ give, fail }: Answer<T>): void => {
    try {
      give(serve())
      redis.serveBlocked()
    } catch (error) {
      fail(error as Error)
    }
  }

const deliveriesOf = (stream: string, entries: readonly Entry[]): Delivery[] =>
  entries.map(([entryId, ticket]) => ({ stream, entryId, ticket }))

const stateOf = (answer: number): LeaseState => (answer === 1 ? 'renewed' : answer === 0 ? 'missing' : 'lost')

async function orNoGroup<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (String(error).includes('NOGROUP')) return undefined
    throw error
  }
}
