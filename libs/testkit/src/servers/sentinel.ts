import { type FaultyProxy, freePort, startFaultyProxy } from '@app/infra'
import { newPrefix, type OwnRedis } from './redis.ts'
import { PASSWORD, type RedisProcess, startRedisProcess } from './redis-process.ts'
import { PRIMARY_NAME, SENTINEL_PASSWORD, startSentinel } from './sentinel-process.ts'
import { until } from './until.ts'

/** A server behind the proxy under whose port everybody knows it, its replica and the Sentinel too. */
interface SentinelServer extends RedisProcess {
  readonly proxy: FaultyProxy
}

export interface OwnSentinel extends OwnRedis {
  /** The server that takes writes, as the Sentinel says. */
  primary(): Promise<SentinelServer>
  /** Makes the replica the primary, as an operator would; resolves when it takes writes. */
  failOver(): Promise<void>
}

/**
 * A primary, its replica, and a Sentinel that decides alone; of the two Sentinels in the address the first is away.
 * `kill` and `freeze` hit the primary, `revive` and `thaw` resolve when the replica has taken its place.
 */
export async function ownSentinel(): Promise<OwnSentinel> {
  const first = await startServer()
  const second = await startServer(first.proxy.port)
  const servers = [first, second]
  const sentinel = await startSentinel(first.proxy.port)
  await sentinel.ready()
  let away: SentinelServer | undefined

  const primary = async (): Promise<SentinelServer> => {
    const address = await sentinel.ask((redis) =>
      redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', PRIMARY_NAME),
    )
    const port = Number((address as string[])[1])
    return servers.find(({ proxy }) => proxy.port === port) ?? first
  }
  const replaced = (before: SentinelServer) =>
    until('the replica has taken the place of the primary', async () => {
      const now = await primary()
      return now !== before && (await now.ask((redis) => redis.role()))[0] === 'master'
    })

  const failOver = async () => {
    const before = await primary()
    await sentinel.ready()
    // As far as the replica is told of what was written, nothing is lost.
    await before.ask(async (redis) => {
      await redis.set('failover', 'now')
      await redis.wait(1, 5_000)
    })
    await sentinel.ask((redis) => redis.call('SENTINEL', 'FAILOVER', PRIMARY_NAME))
    await replaced(before)
  }

  return {
    url:
      `redis+sentinel://:${PASSWORD}@127.0.0.1:${await freePort()},127.0.0.1:${sentinel.port}` +
      `/${PRIMARY_NAME}?sentinelPassword=${SENTINEL_PASSWORD}`,
    prefix: newPrefix(),
    primary,
    failOver,
    disturb: failOver,
    kill: async () => {
      away = await primary()
      await away.kill()
    },
    revive: async () => {
      if (!away) return
      await replaced(away)
      await away.revive(settings(away.proxy.port, (await primary()).proxy.port))
    },
    freeze: async () => {
      away = await primary()
      await away.freeze()
    },
    thaw: async () => {
      if (!away) return
      await replaced(away)
      await away.thaw()
    },
    [Symbol.asyncDispose]: async () => {
      await sentinel.stop()
      await Promise.all(servers.map((server) => server.stop()))
      await Promise.all(servers.map(({ proxy }) => proxy[Symbol.asyncDispose]()))
    },
  }
}

async function startServer(primaryPort?: number): Promise<SentinelServer> {
  const port = await freePort()
  const proxy = await startFaultyProxy(port)
  return { ...(await startRedisProcess(settings(proxy.port, primaryPort), port)), proxy }
}

function settings(knownPort: number, primaryPort?: number): string[] {
  return [
    `masterauth ${PASSWORD}`,
    'replica-announce-ip 127.0.0.1',
    `replica-announce-port ${knownPort}`,
    'repl-diskless-sync-delay 0',
    ...(primaryPort === undefined ? [] : [`replicaof 127.0.0.1 ${primaryPort}`]),
  ]
}
