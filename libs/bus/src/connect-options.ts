import type { ClusterOptions, RedisOptions } from 'ioredis'
import type { Endpoint, RedisAddress } from './redis-address.ts'

/** The driver's options but one, whose mere mention changes the types of all answers. */
type Options = Omit<RedisOptions, 'replyMapping'>

/** A command that has no answer by then fails. */
export const COMMAND_TIMEOUT_MS = 5_000
/** How long one blocking read waits for something to come. */
export const BLOCK_MS = 2_000
/** A blocking read unanswered for this long is on a dead connection, whatever the socket says. */
export const SILENCE_MS = 3 * BLOCK_MS
const CONNECT_TIMEOUT_MS = 5_000
const MOST_RECONNECT_DELAY_MS = 2_000

const reconnectDelayMs = (times: number) => Math.min(50 * 2 ** Math.min(times, 6), MOST_RECONNECT_DELAY_MS)

/** The server is no longer the one to ask: a new connection finds the one that is. */
const MOVED_AWAY = /^(READONLY|MOVED|ASK|CLUSTERDOWN|MASTERDOWN)\b/

const shared = {
  // A command is tried once: re-sending XADD after a lost reply would add the entry twice, and whoever asked
  // knows better than the driver whether to ask again. While Redis is away commands fail at once.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  // Those who listen subscribe at each 'ready' themselves; the driver's own attempt has nobody to catch its failure.
  autoResubscribe: false,
  connectTimeout: CONNECT_TIMEOUT_MS,
  // For a server that does not answer our goodbye either.
  disconnectTimeout: 500,
  keepAlive: 10_000,
  retryStrategy: reconnectDelayMs,
  reconnectOnError: (error: Error) => MOVED_AWAY.test(error.message),
} satisfies RedisOptions

/** For commands: each has its answer, or an error, within five seconds, and a connection that stays silent is rebuilt. */
export const commandOptions = {
  ...shared,
  commandTimeout: COMMAND_TIMEOUT_MS,
  socketTimeout: COMMAND_TIMEOUT_MS,
} satisfies RedisOptions

/** For one blocking read after another, or to listen. */
export const blockingOptions = { ...shared, socketTimeout: SILENCE_MS } satisfies RedisOptions

/** Who we are to a server, and how we talk to it. */
export function accessOptions({ tls, username, password }: RedisAddress): Options {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: {} } : {}),
  }
}

/** Where to find the server: itself, or through those who know. A Cluster has no one server. */
export function serverOptions(address: Exclude<RedisAddress, { kind: 'cluster' }>): Options {
  const access = accessOptions(address)
  if (address.kind === 'single') return { ...access, ...address.node, db: address.db }
  const { sentinels, name, db, tls, sentinel } = address
  return {
    ...access,
    sentinels,
    name,
    db,
    ...(sentinel.username === undefined ? {} : { sentinelUsername: sentinel.username }),
    ...(sentinel.password === undefined ? {} : { sentinelPassword: sentinel.password }),
    ...(tls ? { sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
    // Without it a Sentinel that accepts and never answers would be waited for, though others know as well.
    sentinelCommandTimeout: 1_000,
    sentinelRetryStrategy: reconnectDelayMs,
  }
}

/** A Cluster's client fails as fast as a single server's: nothing is sent twice, nothing waits in a queue of its own. */
export function clusterOptions(
  address: RedisAddress,
): Omit<ClusterOptions, 'redisOptions'> & { redisOptions: Options } {
  const { retryStrategy, enableOfflineQueue: _, ...options } = commandOptions
  return {
    clusterRetryStrategy: retryStrategy,
    // "Connection is closed" does not say whether the server ran the command.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: 2_000,
    slotsRefreshInterval: 5_000,
    redisOptions: { ...options, ...accessOptions(address) },
    // A certificate is made out to a name, so the name must not be replaced by its address.
    ...(address.tls ? { dnsLookup: (name, callback) => callback(null, name) } : {}),
  }
}

/** A connection to one server that is asked one thing. */
export function questionOptions(address: RedisAddress, at: Endpoint): Options {
  return {
    ...accessOptions(address),
    ...at,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    commandTimeout: 2_000,
    disconnectTimeout: 100,
  }
}
