import type { Bugs } from './planted-bugs.ts'
import type { Entry, RedisStreams } from './redis-streams.ts'

/** What libs/bus/src/scripts do, each in one step of the server; conformance.int.test.ts holds them to the Lua. */
export function busScripts(redis: RedisStreams, bugs: Bugs) {
  return {
    /** publish.lua */
    publish: (stream: string, tickets: readonly string[]): string[] =>
      tickets.map((ticket) => redis.xadd(stream, ticket)),

    /** take.lua */
    take({ streams, consumer, quotas, finished }: Take): { acknowledged: number; found: Entry[][] } {
      let acknowledged = 0
      for (const stream of streams) {
        for (const id of finished.get(stream) ?? []) {
          if (!isOwned(stream, consumer, id)) continue
          redis.xackdel(stream, id, consumer)
          acknowledged += 1
        }
      }
      const found = streams.map((stream, lane) => read(stream, consumer, quotas[lane] ?? 0))
      let rest = found.reduce((sum, entries, lane) => sum + (quotas[lane] ?? 0) - entries.length, 0)
      for (const [lane, stream] of streams.entries()) {
        const entries = found[lane] ?? []
        if (rest === 0 || entries.length !== quotas[lane]) continue
        const more = read(stream, consumer, rest)
        entries.push(...more)
        rest -= more.length
      }
      return { acknowledged, found }
    },

    /** renew.lua */
    renew: (stream: string, consumer: string, ids: readonly string[]): number[] =>
      ids.map((id) => {
        const owner = redis.ownerOf(stream, id)
        if (owner === undefined) return 0
        if (owner !== consumer) return -1
        redis.xclaimJustId(stream, consumer, id)
        return 1
      }),

    /** hand-back.lua */
    handBack(stream: string, consumer: string, ids: readonly string[]): number {
      const own = ids.filter((id) => redis.ownerOf(stream, id) === consumer && redis.exists(stream, id))
      for (const id of own) {
        redis.xadd(stream, redis.ticketOf(stream, id) ?? '')
        redis.xackdel(stream, id, consumer)
      }
      return own.length
    },

    /** release.lua */
    release(stream: string, consumer: string, leaseMs: number, ids: readonly string[]): number {
      const own = ids.filter((id) => redis.ownerOf(stream, id) === consumer)
      for (const id of own) redis.xclaimJustId(stream, consumer, id, leaseMs)
      return own.length
    },

    /** remove-consumer.lua */
    removeConsumer(stream: string, consumer: string, leastIdleMs: number): boolean {
      if (redis.pendingOf(stream, consumer).length > 0) return false
      const found = redis.consumersOf(stream).find(({ name }) => name === consumer)
      if (leastIdleMs > 0 && found && found.idleMs < leastIdleMs) return false
      redis.xgroupDelConsumer(stream, consumer)
      return true
    },
  }

  function isOwned(stream: string, consumer: string, id: string): boolean {
    const owner = redis.ownerOf(stream, id)
    if (bugs.has('ack-by-non-owner')) return owner !== undefined
    return owner === consumer
  }

  function read(stream: string, consumer: string, count: number): Entry[] {
    return count === 0 ? [] : redis.xreadgroup(stream, consumer, count)
  }
}

interface Take {
  /** The lanes', highest first. */
  streams: readonly string[]
  consumer: string
  quotas: readonly number[]
  finished: ReadonlyMap<string, readonly string[]>
}
