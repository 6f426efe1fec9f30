import { Redis } from 'ioredis'
import { clusterConnector } from './cluster-connector.ts'
import { accessOptions, blockingOptions, serverOptions } from './connect-options.ts'
import { type Endpoint, parseRedisUrl } from './redis-address.ts'
import { openClient, type RedisClient, withErrors } from './redis-client.ts'

/** For commands: none waits longer than 5 s for its answer. It reconnects for as long as it is open. */
export function connectRedis(url: string, onError: (error: Error) => void): RedisClient {
  return openClient(parseRedisUrl(url), onError)
}

/**
 * For one blocking read after another, which would hold up every other command, or to listen. On a Cluster it is a
 * connection to the node that owns `key`, or to any, and finds the right one again after each break.
 */
export function connectBlocking(url: string, onError: (error: Error) => void, key?: string): Blocking {
  const address = parseRedisUrl(url)
  if (address.kind !== 'cluster') {
    const redis = withErrors(new Redis({ ...blockingOptions, ...serverOptions(address) }), onError)
    return { redis, node: () => undefined }
  }
  const { Connector, owner: node } = clusterConnector(address, key)
  const redis = new Redis({ ...blockingOptions, ...accessOptions(address), Connector })
  return { redis: withErrors(redis, onError), node }
}

export interface Blocking {
  redis: Redis
  /** The node of a Cluster that it is connected to. */
  node: () => Endpoint | undefined
}
