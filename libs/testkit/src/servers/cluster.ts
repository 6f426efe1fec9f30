import { freePort } from '@app/infra'
import { newPrefix, type OwnRedis } from './redis.ts'
import { PASSWORD, type RedisProcess, startRedisProcess } from './redis-process.ts'
import { until } from './until.ts'

const SLOTS = 16_384
const NODES = 3

export interface OwnCluster extends OwnRedis {
  readonly nodes: readonly RedisProcess[]
  /** The node that a key lies on just now. */
  ownerOf(key: string): Promise<RedisProcess>
  /** Moves the slot of a key with all that is in it to another node, as a resharding does; returns that node. */
  moveSlotOf(key: string): Promise<RedisProcess>
}

/** A Redis Cluster of one's own: three servers that share the slots, without replicas. */
export async function ownCluster(): Promise<OwnCluster> {
  const nodes = await Promise.all(Array.from({ length: NODES }, startNode))
  await join(nodes)
  const each = async (what: (node: RedisProcess) => Promise<void>) =>
    void (await Promise.all(nodes.map(what)))
  return {
    url: `redis+cluster://:${PASSWORD}@${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    prefix: newPrefix(),
    nodes,
    ownerOf: (key) => ownerOf(nodes, key),
    moveSlotOf: (key) => moveSlotOf(nodes, key),
    disturb: async (key) => void (await moveSlotOf(nodes, key)),
    kill: () => each((node) => node.kill()),
    revive: async () => {
      await each((node) => node.revive())
      await agreed(nodes)
    },
    freeze: () => each((node) => node.freeze()),
    thaw: () => each((node) => node.thaw()),
    [Symbol.asyncDispose]: () => each((node) => node.stop()),
  }
}

async function startNode(): Promise<RedisProcess> {
  return await startRedisProcess([
    'cluster-enabled yes',
    'cluster-config-file nodes.conf',
    `cluster-port ${await freePort()}`,
    // On a busy machine a node is slow, not dead.
    'cluster-node-timeout 15000',
    // The queues of living nodes go on.
    'cluster-require-full-coverage no',
    `masterauth ${PASSWORD}`,
  ])
}

async function join(nodes: readonly RedisProcess[]): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    const from = Math.floor((index * SLOTS) / NODES)
    const to = Math.floor(((index + 1) * SLOTS) / NODES) - 1
    await node.ask(async (redis) => {
      await redis.cluster('SET-CONFIG-EPOCH', index + 1)
      await redis.cluster('ADDSLOTSRANGE', from, to)
    })
  }
  const [first, ...others] = nodes
  for (const { port, ask } of others) {
    const busPort = await ask(async (redis) => (await redis.config('GET', 'cluster-port')) as string[])
    await first?.ask((redis) => redis.cluster('MEET', '127.0.0.1', port, Number(busPort[1])))
  }
  await agreed(nodes)
}

async function agreed(nodes: readonly RedisProcess[]): Promise<void> {
  for (const { ask } of nodes) {
    await until('the nodes of the Cluster agree', async () => {
      const info = (await ask((redis) => redis.cluster('INFO'))) as string
      return (
        info.includes('cluster_state:ok') &&
        info.includes(`cluster_known_nodes:${NODES}`) &&
        info.includes('cluster_slots_ok:16384')
      )
    })
  }
}

async function ownerOf(nodes: readonly RedisProcess[], key: string): Promise<RedisProcess> {
  for (const node of nodes) {
    const moved = await node
      .ask((redis) => redis.exists(key))
      .then(
        () => false,
        () => true,
      )
    if (!moved) return node
  }
  throw new Error('no node has this slot')
}

async function moveSlotOf(nodes: readonly RedisProcess[], key: string): Promise<RedisProcess> {
  const from = await ownerOf(nodes, key)
  const to = nodes[(nodes.indexOf(from) + 1) % nodes.length] ?? from
  const [fromId, toId] = await Promise.all([from, to].map(({ ask }) => ask((redis) => redis.cluster('MYID'))))
  const slot = await from.ask((redis) => redis.cluster('KEYSLOT', key))
  await to.ask((redis) => redis.cluster('SETSLOT', slot, 'IMPORTING', String(fromId)))
  await from.ask(async (redis) => {
    await redis.cluster('SETSLOT', slot, 'MIGRATING', String(toId))
    const keys = (await redis.cluster('GETKEYSINSLOT', slot, 1_000)) as string[]
    if (keys.length > 0) {
      await redis.migrate('127.0.0.1', to.port, '', 0, 5_000, 'AUTH', PASSWORD, 'KEYS', ...keys)
    }
  })
  for (const { ask } of [to, ...nodes]) {
    await ask((redis) => redis.cluster('SETSLOT', slot, 'NODE', String(toId)))
  }
  return to
}
