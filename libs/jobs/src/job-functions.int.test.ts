import type { Db } from '@app/db'
import { onEachDatabase } from '@app/testkit'
import { type RawBuilder, sql } from 'kysely'
import { expect, it } from 'vitest'

/** Of 8 KB. Whatever reads all of a table, or of an index and the rows behind it, reads several times as many. */
const FEW_BUFFERS = 1_200

/** In three queues and of two owners; others wait for each, and are counted off twice. */
const insertBacklog = (db: Db, jobs: number) =>
  sql`
    with job as (
      insert into processing_jobs
        (subject_kind, subject_id, owner_id, type, version, queue, status, input, max_attempts, waiting_on, run_at)
      select 'nothing', gen_random_uuid(), lpad(to_hex(n % 2), 32, '0')::uuid, 'tag', 1, 'queue-' || n % 3, 'queued',
        '{}', 3, 2, now() - n * interval '1 second'
      from generate_series(1, ${jobs}::int) n
      returning id
    ), neighbours as (select id, lag(id) over () as before from job)
    insert into job_dependencies (job_id, depends_on) select id, before from neighbours where before is not null`.execute(
    db,
  )

/** As wide as they may be: more of them than fit the few buffers. */
const insertEndedRedrives = (db: Db) =>
  sql`
    insert into redrives (per_second, most_failures, requested_by, status)
    select 1, 1, repeat('x', 1900), 'done' from generate_series(1, ${5 * FEW_BUFFERS}::int)`.execute(db)

/** What a job's life calls, each for at most sixteen of the jobs. */
async function callsFor(db: Db): Promise<Record<string, RawBuilder<unknown>>> {
  const { rows } = await sql<{ id: string }>`select id from processing_jobs order by id limit 16`.execute(db)
  const share = { queue: 'queue-1', lane: 'normal', ownerId: '0'.repeat(32), take: 16 }
  const runs = rows.map(({ id }) => ({ id, fence: 0, worker_id: 'somebody', entry_id: id, output: {} }))
  const ids = rows.map(({ id }) => id)
  return {
    look: sql`dispatch_outlook()`,
    decide: sql`jobs_to_admit(${'0'.repeat(32)}::uuid, 100)`,
    mark: sql`mark_due_jobs(${JSON.stringify([share])}::jsonb, 5)`,
    claim: sql`claim_jobs(${JSON.stringify(runs)}::jsonb)`,
    complete: sql`complete_jobs(${JSON.stringify(runs)}::jsonb)`,
    countOff: sql`count_off_dependants(${ids}::uuid[])`,
  }
}

/** How many buffers each call reads. */
async function readBy(db: Db): Promise<Record<string, number>> {
  const read: Record<string, number> = {}
  for (const [name, call] of Object.entries(await callsFor(db))) {
    const { rows } = await sql<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>`
      explain (analyze, buffers, format json) select * from ${call}`.execute(db)
    const plan = rows[0]?.['QUERY PLAN'][0].Plan ?? {}
    read[name] = (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0)
  }
  return read
}

onEachDatabase((newWorld) => {
  // As many as it takes for the wrong plan: without statistics a table is guessed at by its size.
  it.each([
    ['while there was none', 4_000],
    ['over a backlog', 20_000],
  ])('few rows are read at each step of a job’s life, planned %s', async (planned, jobs) => {
    await using world = await newWorld()
    await world.db.connection().execute(async (db) => {
      // What the tables look like to whoever plans: nobody has looked at them since they were empty.
      await sql`vacuum processing_jobs`.execute(db)
      await sql`vacuum job_dependencies`.execute(db)
      await sql`vacuum redrives`.execute(db)
      if (planned === 'while there was none') await readBy(db)
      await insertBacklog(db, jobs)
      await insertEndedRedrives(db)

      const read = await readBy(db)

      expect(Object.entries(read).filter(([, buffers]) => buffers > FEW_BUFFERS)).toEqual([])
    })
  })

  it('none of what is forbidden to read whole tables is compiled for looking dear', async () => {
    await using world = await newWorld()

    const { rows } = await sql`
      select proname, 'jit=off' = any(proconfig) as "isInterpreted" from pg_proc
      where 'enable_seqscan=off' = any(proconfig) and pronamespace = current_schema()::regnamespace
      group by 1, 2 order by 1`.execute(world.db)

    expect(rows).toEqual(
      [
        'claim_jobs',
        'complete_jobs',
        'count_off_dependants',
        'dispatch_outlook',
        'jobs_to_admit',
        'mark_due_jobs',
      ].map((proname) => ({ proname, isInterpreted: true })),
    )
  })
})
