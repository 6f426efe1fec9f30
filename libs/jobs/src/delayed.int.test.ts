import { randomUUID } from 'node:crypto'
import { defineJob } from '@app/contracts'
import { realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { defineWorker } from './index.ts'

const nothing = z.object({})
const RingJob = defineJob('ring', { queue: 'ringing', input: nothing, result: nothing, output: nothing })
const ringing = defineWorker(RingJob, { run: async () => ({}) })

/** Due at random moments from the first second on. */
const insertDelayed = ({ db }: World, count: number, overSeconds: number, firstAfterS = 1) =>
  sql`
    insert into processing_jobs
      (subject_kind, subject_id, owner_id, type, version, queue, status, input, max_attempts, run_at)
    select 'nothing', ${randomUUID()}, ${randomUUID()}, 'ring', 1, 'ringing', 'queued', '{}', 3,
      now() + (${firstAfterS} + ${overSeconds} * random()) * interval '1 second'
    from generate_series(1, ${count}::int)`.execute(db)

async function openCount({ db }: World): Promise<number> {
  const { rows } = await sql<{ open: number }>`
    select count(*)::int as open from processing_jobs where status <> 'completed'`.execute(db)
  return rows[0]?.open ?? 0
}

it.skipIf(!realPostgres())(
  'row 25: starts each of thousands of delayed jobs, and none before its time',
  async ({ annotate }) => {
    await using world = await testWorld({ jobs: [RingJob] })
    await insertDelayed(world, 1, 0, 3_600)
    await world.start([ringing], undefined, { concurrency: 50 })

    // By another process, in front of what the dispatcher sleeps for.
    await insertDelayed(world, 2_000, 2)
    await world.bus.wakeDispatchers()
    await vi.waitFor(async () => expect(await openCount(world)).toBe(1), { timeout: 100_000, interval: 200 })

    // By Postgres' clock alone, which also says what is due.
    const { rows } = await sql<{ started: number; early: number; p50: number; p99: number }>`
      select count(*)::int as started, count(*) filter (where late < 0)::int as early,
        round(percentile_cont(0.5) within group (order by late))::int as p50,
        round(percentile_cont(0.99) within group (order by late))::int as p99
      from processing_jobs, lateral (select extract(epoch from started_at - run_at)::float8 * 1000 as late) lateness
      where started_at is not null`.execute(world.db)
    const { p50, p99, ...counts } = rows[0] ?? {}
    await annotate(`late by ${p50} ms (p50), ${p99} ms (p99)`)
    expect(counts).toEqual({ started: 2_000, early: 0 })
  },
)
