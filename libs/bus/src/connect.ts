import { Redis, type RedisOptions } from 'ioredis'

const COMMAND_TIMEOUT_MS = 5_000
const MOST_RECONNECT_DELAY_MS = 2_000

const shared = {
  // A command is tried once: re-sending XADD after a lost reply would add the entry twice, and whoever asked
  // knows better than the driver whether to ask again. While Redis is away commands fail at once.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  // Those who listen subscribe at each 'ready' themselves; the driver's own attempt has nobody to catch its failure.
  autoResubscribe: false,
  connectTimeout: 5_000,
  // A connection on which commands wait this long for any answer is dead, whatever TCP says; it is rebuilt.
  socketTimeout: 15_000,
  keepAlive: 10_000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** Math.min(times, 6), MOST_RECONNECT_DELAY_MS),
  // After a failover the old primary answers READONLY: a new connection finds the new one.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

/** A connection for commands: none waits longer than 5 s for its answer. It reconnects for as long as it is open. */
export function connectRedis(url: string, onError: (error: Error) => void): Redis {
  return withErrors(new Redis(url, { ...shared, commandTimeout: COMMAND_TIMEOUT_MS }), onError)
}

/** A connection for one blocking read after another: a blocked client would hold up every other command. */
export function connectBlocking(url: string, onError: (error: Error) => void): Redis {
  return withErrors(new Redis(url, shared), onError)
}

function withErrors(redis: Redis, onError: (error: Error) => void): Redis {
  redis.on('error', onError)
  return redis
}

/** Resolves once the connection is usable; rejects with the last error after `timeoutMs`. */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve, reject) => {
    let last: Error | undefined
    const onError = (error: Error) => {
      last = error
    }
    const timer = setTimeout(() => finish(() => reject(last ?? new Error('Redis did not answer'))), timeoutMs)
    const onReady = () => finish(resolve)
    const finish = (then: () => void) => {
      clearTimeout(timer)
      redis.off('ready', onReady)
      redis.off('error', onError)
      then()
    }
    redis.on('ready', onReady)
    redis.on('error', onError)
  })
}
