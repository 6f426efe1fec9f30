/** BullMQ as its guides say for production; finished jobs are removed, by the worker's option, at once. */
import type { Ticket } from '@app/contracts'
import { type Job, Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import type { Sample, Servers, Task } from '../contest/task.ts'
import { assertEmpty, runAll } from './bullmq-jobs.ts'
import { batchesOf, indexOf, JOB_TYPE, QUEUE, ticketOf } from './job-ids.ts'
import { bytesPerJob } from './redis-memory.ts'
import { createTally } from './tally.ts'
import { createPickups, inParallel, throughputOf } from './timing.ts'

type Publishing = { jobs: number; batch: number; atOnce: number }

export const tasks = {
  publish: (servers, options: Publishing) =>
    onEmptyQueue(servers, async (queue) => {
      const sample = await throughputOf(options.jobs, () => publish(queue, options))
      if ((await queue.getWaitingCount()) !== options.jobs) throw new Error('jobs are missing in the queue')
      return sample
    }),

  consume: (servers, options: Publishing & { concurrency: number }) =>
    onEmptyQueue(servers, async (queue) => {
      await publish(queue, options)
      const tally = createTally(options.jobs)
      const worker = await startWorker(servers, options.concurrency, (job) =>
        tally.count(indexOf(job.data.jobId)),
      )
      const sample = await throughputOf(options.jobs, () => runAll(worker, options.jobs))
      await worker.close()
      tally.assertExact()
      await assertEmpty(queue)
      return sample
    }),

  memory: (servers, options: Publishing) =>
    onEmptyQueue(servers, async (queue) => {
      const redis = new Redis(servers.redisUrl)
      const bytes = await bytesPerJob(redis, options.jobs, () => publish(queue, options))
      redis.disconnect()
      return { bytes }
    }),

  pickup: (servers, options: { jobs: number; restMs: number }) =>
    onEmptyQueue(servers, async (queue) => {
      const tally = createTally(options.jobs)
      const pickups = createPickups({
        ...options,
        publish: async (index) => void (await queue.add(JOB_TYPE, ticketOf(index))),
      })
      const worker = await startWorker(servers, 1, (job) => {
        pickups.started()
        tally.count(indexOf(job.data.jobId))
      })
      worker.run().catch(() => {})
      const sample = await pickups.measure()
      await worker.close()
      tally.assertExact()
      return sample
    }),
} satisfies Record<string, Task<never>>

function connectionTo({ redisUrl }: Servers) {
  const { hostname, port, password } = new URL(redisUrl)
  return { host: hostname, port: Number(port), password }
}

async function onEmptyQueue(
  servers: Servers,
  work: (queue: Queue<Ticket>) => Promise<Sample>,
): Promise<Sample> {
  const redis = new Redis(servers.redisUrl)
  await redis.flushall()
  redis.disconnect()
  const queue = new Queue<Ticket>(QUEUE, { connection: connectionTo(servers) })
  try {
    await queue.waitUntilReady()
    return await work(queue)
  } finally {
    await queue.close()
  }
}

async function publish(queue: Queue<Ticket>, { jobs, batch, atOnce }: Publishing): Promise<void> {
  await inParallel(batchesOf(jobs, batch), atOnce, async (indexes) => {
    await queue.addBulk(indexes.map((index) => ({ name: JOB_TYPE, data: ticketOf(index) })))
  })
}

async function startWorker(servers: Servers, concurrency: number, onJob: (job: Job<Ticket>) => void) {
  const worker = new Worker<Ticket>(QUEUE, async (job) => onJob(job), {
    connection: { ...connectionTo(servers), maxRetriesPerRequest: null },
    autorun: false,
    concurrency,
    removeOnComplete: { count: 0 },
  })
  await worker.waitUntilReady()
  return worker
}
