/** pg-boss with batches, which it fetches without a pause as long as they come full. */
import type { Ticket } from '@app/contracts'
import { PgBoss } from 'pg-boss'
import type { Task } from '../contest/task.ts'
import { batchesOf, indexOf, QUEUE, ticketOf } from './job-ids.ts'
import { createTally } from './tally.ts'
import { inParallel, throughputOf, until } from './timing.ts'

export const tasks = {
  durable: async ({ databaseUrl }, options: { jobs: number; concurrency: number }) => {
    const { jobs, concurrency: batchSize } = options
    const boss = new PgBoss({ connectionString: databaseUrl, schedule: false })
    boss.on('error', () => {})
    await boss.start()
    try {
      if (await boss.getQueue(QUEUE)) await boss.deleteAllJobs(QUEUE)
      else await boss.createQueue(QUEUE)
      await inParallel(batchesOf(jobs, 1_000), 1, async (indexes) => {
        await boss.insert(
          QUEUE,
          indexes.map((index) => ({ data: ticketOf(index) })),
        )
      })
      await boss.getDb().executeSql('analyze')
      const tally = createTally(jobs)
      const sample = await throughputOf(jobs, async () => {
        const polling = { batchSize, burstWhenBatchFull: true, pollingIntervalSeconds: 0.5 } as const
        await boss.work<Ticket>(QUEUE, polling, async (batch) => {
          for (const { data } of batch) tally.count(indexOf(data.jobId))
        })
        await tally.all
        await until(async () => (await openJobs(boss)) === 0, 'every job was completed', 2)
      })
      tally.assertExact()
      return sample
    } finally {
      await boss.stop({ graceful: true, timeout: 10_000 })
    }
  },
} satisfies Record<string, Task<never>>

async function openJobs(boss: PgBoss): Promise<number> {
  const { rows } = await boss
    .getDb()
    .executeSql(
      `select count(*)::int as jobs from pgboss.job where name = '${QUEUE}' and state <> 'completed'`,
    )
  return rows[0].jobs
}
