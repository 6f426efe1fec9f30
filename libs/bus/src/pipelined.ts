import { asError } from '@app/runtime'
import type { ChainableCommander } from 'ioredis'
import { Cluster } from 'ioredis'
import type { RedisClient } from './redis-client.ts'

interface Pipelined<Item> {
  keyOf: (item: Item) => string
  /** Adds one command for the item. */
  add: (pipeline: ChainableCommander, item: Item) => void
}

/**
 * One command for each item in one round trip; answers or errors in their order. On a Cluster it takes one for each
 * hash tag, side by side, since a pipeline goes to one node.
 */
export async function pipelined<Item>(
  redis: RedisClient,
  items: readonly Item[],
  { keyOf, add }: Pipelined<Item>,
): Promise<unknown[]> {
  if (!(redis instanceof Cluster)) return await runPipeline(redis, items, add)
  const answers: unknown[] = new Array(items.length)
  const groups = Map.groupBy(items.keys(), (index) => hashTag(keyOf(items[index] as Item)))
  await Promise.all(
    [...groups.values()].map(async (indexes) => {
      const some = await runPipeline(
        redis,
        indexes.map((index) => items[index] as Item),
        add,
      )
      for (const [at, index] of indexes.entries()) answers[index] = some[at]
    }),
  )
  return answers
}

async function runPipeline<Item>(
  redis: RedisClient,
  items: readonly Item[],
  add: Pipelined<Item>['add'],
): Promise<unknown[]> {
  // Without it a Cluster's client would wait for its nodes, for however long that takes.
  if (redis.status !== 'ready') return items.map(() => new Error('Redis is not connected'))
  const pipeline = redis.pipeline()
  for (const item of items) add(pipeline, item)
  const answers = (await pipeline.exec()) ?? []
  return items.map((_, index) => {
    const [error, answer] = answers[index] ?? [new Error('no answer')]
    return error ? asError(error) : answer
  })
}

/** Keys with the same one lie in the same slot. */
function hashTag(key: string): string {
  return /\{([^}]+)\}/.exec(key)?.[1] ?? key
}
