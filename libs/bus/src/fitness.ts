import { FatalError } from '@app/runtime'
import type { Redis } from 'ioredis'
import { Cluster } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

/** XAUTOCLAIM has told of deleted entries since then. */
const OLDEST = { major: 7, text: '7.0' }

/**
 * Rejects with FatalError `redis-unfit` where tickets would not be safe on a server, or on any node of a Cluster.
 * It needs nothing but INFO: managed servers often forbid CONFIG.
 */
export async function assertFit(redis: RedisClient): Promise<void> {
  const nodes: Pick<Redis, 'info'>[] = redis instanceof Cluster ? redis.nodes() : [redis]
  const infos = await Promise.all(nodes.map(infoOf))
  const reason = infos.map(unfitness).find((sentence) => sentence !== undefined)
  if (reason !== undefined) throw new FatalError('redis-unfit', reason)
}

async function infoOf(node: Pick<Redis, 'info'>): Promise<string> {
  return (await Promise.all([node.info('server'), node.info('memory')])).join('\n')
}

/** What makes a server with this INFO unfit, and how that is changed; undefined where nothing does. Pure. */
export function unfitness(info: string): string | undefined {
  // Valkey says here which Redis it is compatible with.
  const version = fieldOf(info, 'redis_version')
  if (version !== undefined && Number.parseInt(version, 10) < OLDEST.major) {
    return `REDIS_URL leads to a Redis ${version}: ${OLDEST.text} or later is needed, or Valkey`
  }
  const policy = fieldOf(info, 'maxmemory_policy')
  if (policy !== undefined && policy !== 'noeviction') {
    return (
      `Redis would throw tickets away when its memory is full: its maxmemory-policy is ${policy}. Set it to noeviction, ` +
      'with `maxmemory-policy noeviction` in redis.conf and `CONFIG SET maxmemory-policy noeviction`, ' +
      'or where a managed Redis has its parameters'
    )
  }
  return undefined
}

const fieldOf = (info: string, name: string): string | undefined =>
  new RegExp(`^${name}:([^\\r\\n]*)`, 'm').exec(info)?.[1]
