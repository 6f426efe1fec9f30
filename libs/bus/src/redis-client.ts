import { Cluster, Redis } from 'ioredis'
import { clusterOptions, commandOptions, serverOptions } from './connect-options.ts'
import { PromptCluster } from './prompt-cluster.ts'
import type { Endpoint, RedisAddress } from './redis-address.ts'

/**
 * What a connection to one server and one to a Cluster have in common, all commands above all. On a Cluster the keys
 * of a command, script or pipeline must share a hash tag. (A union of the two would not resolve their overloads.)
 */
export type RedisClient = Pick<Redis, keyof Redis & keyof Cluster>

/** For commands: none waits longer than 5 s for its answer. It reconnects for as long as it is open. */
export function openClient(address: RedisAddress, onError: (error: Error) => void): RedisClient {
  if (address.kind !== 'cluster')
    return withErrors(new Redis({ ...commandOptions, ...serverOptions(address) }), onError)
  const cluster = new PromptCluster(address.nodes, clusterOptions(address))
  cluster.on('node error', onError)
  return withErrors(cluster as unknown as RedisClient, onError)
}

/** Sends what is meant for one server, such as CLIENT UNBLOCK, to that one; undefined where we know no such node. */
export function onNode(redis: RedisClient, node: Endpoint | undefined): RedisClient | undefined {
  if (!(redis instanceof Cluster)) return redis
  return redis.nodes().find(({ options: { host, port } }) => host === node?.host && port === node?.port)
}

/**
 * Calls `listener` whenever a connection was made, to any node of a Cluster: nobody knows what happened there before.
 * Returns what ends that.
 */
export function onReconnect(redis: RedisClient, listener: () => void): () => void {
  const watch = (node: Redis) => node.on('ready', listener)
  redis.on('ready', listener)
  if (redis instanceof Cluster) {
    for (const node of redis.nodes()) watch(node)
    redis.on('+node', watch)
  }
  return () => {
    redis.off('ready', listener)
    redis.off('+node', watch)
    if (redis instanceof Cluster) for (const node of redis.nodes()) node.off('ready', listener)
  }
}

export function withErrors<Client extends RedisClient>(
  redis: Client,
  onError: (error: Error) => void,
): Client {
  redis.on('error', onError)
  return redis
}

/** Resolves once the connection is usable; rejects after `timeoutMs`, with the last error, and when it is closed. */
export async function whenReady(redis: RedisClient, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return
  if (redis.status === 'end') throw new Error('the connection to Redis is closed')
  await new Promise<void>((resolve, reject) => {
    let last = new Error('Redis did not answer')
    const onError = (error: Error) => {
      last = error
    }
    const finish = (then: () => void) => {
      clearTimeout(timer)
      redis.off('ready', onReady).off('end', onEnd).off('error', onError)
      then()
    }
    const onReady = () => finish(resolve)
    const onEnd = () => finish(() => reject(last))
    const timer = setTimeout(onEnd, timeoutMs)
    redis.on('ready', onReady).on('end', onEnd).on('error', onError)
  })
}
