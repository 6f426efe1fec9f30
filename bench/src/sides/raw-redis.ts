/** What this Redis and this driver can do at most: bare commands in pipelines, without a check of anything. */
import { Redis } from 'ioredis'
import type { Sample, Servers, Task } from '../contest/task.ts'
import { batchesOf, indexOf, ticketOf } from './job-ids.ts'
import { bytesPerJob } from './redis-memory.ts'
import { createTally } from './tally.ts'
import { inParallel, throughputOf } from './timing.ts'

const STREAM = 'bench:raw'
const GROUP = 'workers'
const CONSUMER = 'raw'

type Publishing = { jobs: number; batch: number; atOnce: number }

export const tasks = {
  publish: (servers, options: Publishing) =>
    onEmptyRedis(servers, async (redis) => {
      const sample = await throughputOf(options.jobs, () => publish(redis, options))
      if ((await redis.xlen(STREAM)) !== options.jobs)
        throw new Error('the stream is not as long as it should be')
      return sample
    }),

  /** Reads a batch, acknowledges and deletes it with the read of the next one. */
  consume: (servers, options: Publishing & { read: number }) =>
    onEmptyRedis(servers, async (redis) => {
      await publish(redis, options)
      await redis.xgroup('CREATE', STREAM, GROUP, '0')
      const tally = createTally(options.jobs)
      const sample = await throughputOf(options.jobs, () => consume(redis, options.read, tally.count))
      tally.assertExact()
      if ((await redis.xlen(STREAM)) !== 0) throw new Error('the stream is not empty at the end')
      return sample
    }),

  memory: (servers, options: Publishing) =>
    onEmptyRedis(servers, async (redis) => ({
      bytes: await bytesPerJob(redis, options.jobs, () => publish(redis, options)),
    })),
} satisfies Record<string, Task<never>>

async function onEmptyRedis({ redisUrl }: Servers, work: (redis: Redis) => Promise<Sample>): Promise<Sample> {
  const redis = new Redis(redisUrl)
  try {
    await redis.flushall()
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

async function publish(redis: Redis, { jobs, batch, atOnce }: Publishing): Promise<void> {
  await inParallel(batchesOf(jobs, batch), atOnce, async (indexes) => {
    const pipeline = redis.pipeline()
    for (const index of indexes) pipeline.xadd(STREAM, '*', 'ticket', JSON.stringify(ticketOf(index)))
    await pipeline.exec()
  })
}

async function consume(redis: Redis, read: number, onJob: (index: number) => void): Promise<void> {
  let finished: string[] = []
  do {
    const pipeline = redis.pipeline()
    if (finished.length > 0) pipeline.xack(STREAM, GROUP, ...finished).xdel(STREAM, ...finished)
    pipeline.xreadgroup('GROUP', GROUP, CONSUMER, 'COUNT', read, 'STREAMS', STREAM, '>')
    const answers = (await pipeline.exec()) ?? []
    const [, found] = answers.at(-1) as [Error | null, [string, [string, string[]][]][] | null]
    const entries = found?.[0]?.[1] ?? []
    for (const [, fields] of entries) onJob(indexOf(JSON.parse(fields[1] ?? '').jobId))
    finished = entries.map(([id]) => id)
  } while (finished.length > 0)
}
