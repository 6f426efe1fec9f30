/** BullMQ's Postgres backend with the pool that its guide recommends; finished jobs are removed at once. */
import type { Ticket } from '@app/contracts'
import { createPostgresBackend, type Queue, runMigrations, type Worker, withBackend } from 'bullmq'
import type pg from 'pg'
import type { Sample, Servers, Task } from '../contest/task.ts'
import { assertEmpty, runAll } from './bullmq-jobs.ts'
import { batchesOf, indexOf, JOB_TYPE, QUEUE, ticketOf } from './job-ids.ts'
import { onDatabase } from './on-database.ts'
import { createTally } from './tally.ts'
import { createPickups, inParallel, throughputOf } from './timing.ts'

const classes = withBackend(createPostgresBackend)

export const tasks = {
  durable: (servers, options: { jobs: number; concurrency: number; connections: number }) =>
    onEmptyQueue(servers, async (queue, pool) => {
      await inParallel(batchesOf(options.jobs, 500), 1, async (indexes) => {
        await queue.addBulk(indexes.map((index) => ({ name: JOB_TYPE, data: ticketOf(index) })))
      })
      await pool.query('analyze')
      const tally = createTally(options.jobs)
      const worker = await startWorker(servers, options, (ticket) => tally.count(indexOf(ticket.jobId)))
      const sample = await throughputOf(options.jobs, () => runAll(worker, options.jobs))
      await worker.close()
      tally.assertExact()
      await assertEmpty(queue)
      return sample
    }),

  pickup: (servers, options: { jobs: number; restMs: number }) =>
    onEmptyQueue(servers, async (queue) => {
      const tally = createTally(options.jobs)
      const publish = async (index: number) => void (await queue.add(JOB_TYPE, ticketOf(index)))
      const pickups = createPickups({ ...options, publish })
      const worker = await startWorker(servers, { concurrency: 1, connections: 10 }, (ticket) => {
        pickups.started()
        tally.count(indexOf(ticket.jobId))
      })
      worker.run().catch(() => {})
      const sample = await pickups.measure()
      await worker.close()
      tally.assertExact()
      return sample
    }),
} satisfies Record<string, Task<never>>

async function onEmptyQueue(
  { databaseUrl }: Servers,
  work: (queue: Queue<Ticket>, pool: pg.Pool) => Promise<Sample>,
): Promise<Sample> {
  return await onDatabase(databaseUrl, async (pool) => {
    await migrate(pool)
    const queue = new classes.Queue<Ticket>(QUEUE, { connection: { connectionString: databaseUrl } })
    try {
      await queue.waitUntilReady()
      await queue.obliterate({ force: true })
      await pool.query('vacuum')
      return await work(queue as unknown as Queue<Ticket>, pool)
    } finally {
      await queue.close()
    }
  })
}

async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await runMigrations(client)
  } finally {
    client.release()
  }
}

async function startWorker(
  { databaseUrl }: Servers,
  { concurrency, connections }: { concurrency: number; connections: number },
  onTicket: (ticket: Ticket) => void,
): Promise<Worker> {
  const worker = new classes.Worker<Ticket>(QUEUE, async (job) => onTicket(job.data), {
    connection: { connectionString: databaseUrl, max: connections },
    autorun: false,
    concurrency,
    removeOnComplete: { count: 0 },
  })
  await worker.waitUntilReady()
  return worker as unknown as Worker
}
