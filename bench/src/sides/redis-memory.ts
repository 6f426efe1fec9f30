import type { RedisClient } from '@app/bus'

/**
 * Bytes of all keys of an otherwise unused server, names and tables' entries included. Summed up key by key: the total
 * that Redis reports has its connections' buffers in it, which change while one asks.
 */
export async function dataBytes(redis: RedisClient): Promise<number> {
  const pipeline = redis.pipeline()
  for (const key of await redis.keys('*')) pipeline.memory('USAGE', key, 'SAMPLES', 0)
  const answers = (await pipeline.exec()) ?? []
  return answers.reduce((bytes, [, answer]) => bytes + Number(answer), 0)
}

/** How many bytes each job takes while it waits. The server must be empty. */
export async function bytesPerJob(
  redis: RedisClient,
  jobs: number,
  publish: () => Promise<void>,
): Promise<number> {
  await publish()
  return (await dataBytes(redis)) / jobs
}
