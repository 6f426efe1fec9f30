/** graphile-worker, with a connection for each job at once and two to spare, as its reference recommends. */
import type { Ticket } from '@app/contracts'
import { Logger, makeWorkerUtils, type Runner, run, type WorkerUtils } from 'graphile-worker'
import type pg from 'pg'
import type { Sample, Servers, Task } from '../contest/task.ts'
import { batchesOf, indexOf, JOB_TYPE, ticketOf } from './job-ids.ts'
import { onDatabase } from './on-database.ts'
import { createTally } from './tally.ts'
import { createPickups, inParallel, throughputOf, until } from './timing.ts'

const logger = new Logger(() => () => {})

interface Settings {
  concurrency: number
  /** Its three batching options, as its performance page has them. */
  batched: boolean
}

export const tasks = {
  durable: (servers, options: { jobs: number } & Settings & Record<string, number | boolean>) =>
    onEmptyQueue(servers, async (utils, pool) => {
      await inParallel(batchesOf(options.jobs, 1_000), 1, async (indexes) => {
        await utils.addJobs(indexes.map((index) => ({ identifier: JOB_TYPE, payload: ticketOf(index) })))
      })
      await pool.query('analyze')
      const tally = createTally(options.jobs)
      let runner: Runner | undefined
      const sample = await throughputOf(options.jobs, async () => {
        runner = await startRunner(servers, options, (ticket) => tally.count(indexOf(ticket.jobId)))
        await tally.all
        await until(async () => (await jobsIn(pool)) === 0, 'every job was completed', 2)
      })
      await runner?.stop()
      tally.assertExact()
      return sample
    }),

  pickup: (servers, options: { jobs: number; restMs: number }) =>
    onEmptyQueue(servers, async (utils) => {
      const tally = createTally(options.jobs)
      const publish = async (index: number) => void (await utils.addJob(JOB_TYPE, ticketOf(index)))
      const pickups = createPickups({ ...options, publish })
      const runner = await startRunner(servers, { concurrency: 1, batched: false }, (ticket) => {
        pickups.started()
        tally.count(indexOf(ticket.jobId))
      })
      const sample = await pickups.measure()
      await runner.stop()
      tally.assertExact()
      return sample
    }),
} satisfies Record<string, Task<never>>

async function onEmptyQueue(
  { databaseUrl }: Servers,
  work: (utils: WorkerUtils, pool: pg.Pool) => Promise<Sample>,
): Promise<Sample> {
  const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger })
  try {
    await utils.migrate()
    return await onDatabase(databaseUrl, async (pool) => {
      await pool.query('truncate graphile_worker._private_jobs')
      return await work(utils, pool)
    })
  } finally {
    await utils.release()
  }
}

async function startRunner(
  { databaseUrl }: Servers,
  { concurrency, batched }: Settings,
  onTicket: (ticket: Ticket) => void,
): Promise<Runner> {
  return await run({
    preset: {
      worker: {
        connectionString: databaseUrl,
        logger,
        concurrentJobs: concurrency,
        maxPoolSize: Math.max(10, concurrency + 2),
        ...(batched ? { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } : {}),
      },
    },
    noHandleSignals: true,
    parsedCronItems: [],
    taskList: { [JOB_TYPE]: async (payload) => onTicket(payload as Ticket) },
  })
}

async function jobsIn(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query('select count(*)::int as jobs from graphile_worker._private_jobs')
  return rows[0].jobs
}
