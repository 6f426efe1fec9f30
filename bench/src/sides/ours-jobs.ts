import { randomUUID } from 'node:crypto'
import { type Db, inTransaction } from '@app/db'
import { planAudiobook } from '@app/flows'
import { createDispatcher, insertJobs } from '@app/jobs'
import { sql } from 'kysely'
import type { Task } from '../contest/task.ts'
import { measureBacklog } from './our-backlog.ts'
import { measureDelayed } from './our-delayed.ts'
import { commitJob, commitJobs, noOp, openWorld, startParts, startWorker } from './our-jobs.ts'
import { createTally } from './tally.ts'
import { createPickups, throughputOf, until } from './timing.ts'

export const tasks = {
  /** Jobs that wait in Postgres: dispatched, claimed, run and completed by one worker process. */
  durable: async (servers, { jobs, concurrency }: { jobs: number; concurrency: number }) => {
    await using world = await openWorld(servers)
    await commitJobs(world.db, jobs)
    const tally = createTally(jobs)
    let stop = async () => {}
    const sample = await throughputOf(jobs, async () => {
      stop = await startWorker(world, noOp, tally.count, concurrency)
      await tally.all
      await until(async () => (await unfinished(world.db)) === 0, 'every job was completed', 2)
    })
    await stop()
    tally.assertExact()
    return sample
  },

  /** As the API does it: commit, wake the own dispatcher; the worker has dispatcher and connections of its own. */
  pickup: async (servers, { jobs, restMs }: { jobs: number; restMs: number }) => {
    await using world = await openWorld(servers)
    const tally = createTally(jobs)
    const dispatcher = createDispatcher(world)
    const pickups = createPickups({
      jobs,
      restMs,
      async publish(index) {
        await commitJob(world.db, index)
        pickups.begin()
        dispatcher.dispatchSoon()
      },
    })
    const onJob = (index: number) => {
      pickups.started()
      tally.count(index)
    }
    const stopDispatcher = await startParts([dispatcher])
    const stopWorker = await startWorker(world, noOp, onJob, 1)
    const sample = await pickups.measure()
    await stopWorker()
    await stopDispatcher()
    tally.assertExact()
    return sample
  },

  /** The jobs of a book with so many chapters, committed; and how many statements that took. */
  book: async (servers, { chapters }: { chapters: number }) => {
    await using world = await openWorld(servers)
    const planned = planAudiobook({
      audiobookId: randomUUID(),
      ownerId: randomUUID(),
      chapters: Array.from({ length: chapters }, () => ({ id: randomUUID(), mediaId: randomUUID() })),
    })
    const begin = performance.now()
    await inTransaction(world.db, (trx) => insertJobs(trx, planned))
    const ms = performance.now() - begin
    const inserted = await countOf(world.db, sql`select count(*)::int as count from processing_jobs`)
    if (inserted !== 2 * chapters + 2) throw new Error(`${inserted} jobs of ${chapters} chapters`)
    return { ms }
  },

  delayed: measureDelayed,

  backlog: measureBacklog,
} satisfies Record<string, Task<never>>

/** Asked of the indexes of what is open, so that asking takes no time from what is measured. */
const unfinished = (db: Db): Promise<number> =>
  countOf(
    db,
    sql`select (exists (select from processing_jobs where status = 'queued')
      or exists (select from processing_jobs where status = 'running'))::int as count`,
  )

async function countOf(db: Db, query: ReturnType<typeof sql>): Promise<number> {
  const { rows } = await query.execute(db)
  return (rows[0] as { count: number }).count
}
