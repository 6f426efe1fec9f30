import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import type { Sample, Servers } from '../contest/task.ts'
import { JOB_TYPE, QUEUE } from './job-ids.ts'
import { noOp, type OurWorld, openWorld, startWorker } from './our-jobs.ts'
import { createTally } from './tally.ts'

const CONCURRENCY = 32
const PER_SECOND = 500
/** The first one falls due when all are committed and the process has come to rest. */
const FIRST_AFTER_S = 2

/**
 * How late jobs start whose times lie at random, five hundred to a second: all by Postgres' clock, from when a job falls
 * due to its claim. Throws where one started before its time.
 */
export async function measureDelayed(servers: Servers, { jobs }: { jobs: number }): Promise<Sample> {
  await using world = await openWorld(servers)
  const tally = createTally(jobs)
  const stop = await startWorker(world, noOp, tally.count, CONCURRENCY)
  await insertDelayed(world, jobs)
  await world.bus.wakeDispatchers()
  await tally.all
  await stop()
  tally.assertExact()
  const { rows } = await sql<{ early: number; p50: number; p99: number }>`
    select count(*) filter (where started_at < run_at)::int as early,
      percentile_cont(0.5) within group (order by late) as p50, percentile_cont(0.99) within group (order by late) as p99
    from processing_jobs, lateral (select extract(epoch from started_at - run_at)::float8 * 1000 as late) as lateness
  `.execute(world.db)
  const { early, ...sample } = rows[0] ?? { early: jobs, p50: Number.NaN, p99: Number.NaN }
  if (early > 0) throw new Error(`${early} of ${jobs} jobs started before their time`)
  return sample
}

async function insertDelayed({ db }: OurWorld, jobs: number): Promise<void> {
  await sql`
    insert into processing_jobs
      (subject_kind, subject_id, owner_id, type, version, queue, lane, status, input, max_attempts, run_at)
    select 'bench', gen_random_uuid(), ${randomUUID()}, ${JOB_TYPE}, 1, ${QUEUE}, 'normal', 'queued',
      jsonb_build_object('index', n - 1), 3,
      now() + (${FIRST_AFTER_S} + random() * ${jobs / PER_SECOND}) * interval '1 second'
    from generate_series(1, ${jobs}::int) n`.execute(db)
  await sql`analyze processing_jobs`.execute(db)
}
