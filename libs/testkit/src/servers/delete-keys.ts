import type { RedisClient } from '@app/bus'
import { Cluster } from 'ioredis'

/** Deletes every key that begins with the prefix: what FLUSHALL does, without touching the other tests' keys. */
export async function deleteKeys(redis: RedisClient, prefix: string): Promise<void> {
  const nodes: Pick<RedisClient, 'keys' | 'del'>[] =
    redis instanceof Cluster ? redis.nodes('master') : [redis]
  for (const node of nodes) {
    // One at a time: on a Cluster those of one node may lie in different slots.
    for (const key of await node.keys(`${prefix}*`)) await node.del(key)
  }
}
