import { randomUUID } from 'node:crypto'
import { testServers } from './context.ts'
import { PASSWORD, type RedisProcess, startRedisProcess } from './redis-process.ts'

export interface TestRedis {
  url: string
  /** For QUEUE_PREFIX: nobody else's keys begin with it. */
  prefix: string
}

/** The Redis that all test files share, under a prefix of one's own. */
export function testRedis(): TestRedis {
  return { url: testServers().redisUrl, prefix: newPrefix() }
}

/** A Redis for tests that empty it, stop it or kill it, of whatever kind. */
export interface OwnRedis extends AsyncDisposable, TestRedis {
  /** Ends all that takes writes, as `kill -9` does. */
  kill(): Promise<void>
  /** Makes it usable again: with what it had written, or with what a replica had heard of it. */
  revive(): Promise<void>
  /** It keeps its connections, takes new ones, and answers nothing until `thaw`. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** What may happen to a Redis of this kind while it goes on: a cut connection, a slot that moves, a failover. */
  disturb(key: string): Promise<void>
}

/** A Redis of one's own: a single server. */
export async function ownRedis(
  settings: readonly string[] = [],
): Promise<OwnRedis & Pick<RedisProcess, 'port' | 'ask'>> {
  const { port, kill, revive, freeze, thaw, ask, stop } = await startRedisProcess(settings)
  return {
    url: `redis://:${PASSWORD}@127.0.0.1:${port}`,
    prefix: newPrefix(),
    port,
    ask,
    kill,
    revive: () => revive(),
    freeze,
    thaw,
    disturb: () => ask(async (redis) => void (await redis.call('CLIENT', 'KILL', 'TYPE', 'normal'))),
    [Symbol.asyncDispose]: stop,
  }
}

export const newPrefix = (): string => `test-${randomUUID()}`
