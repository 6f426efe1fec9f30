import { inTransaction } from '@app/db'
import { insertManyJobs, onEachDatabase, realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { compactJobCounts, createCountCompactor, type JobCount, jobCounts } from '../index.ts'

/** What the slow way says. */
async function counted(world: World): Promise<JobCount[]> {
  const { rows } = await sql<JobCount>`
    select queue, lane, status, count(*)::int as count from processing_jobs
    group by 1, 2, 3 order by 1, 2, 3`.execute(world.db)
  return rows
}

const changes = async (world: World): Promise<number> =>
  (await world.db.selectFrom('job_count_changes').select('queue').execute()).length

async function sizeOfChanges({ db }: World): Promise<number> {
  const { rows } = await sql<{ bytes: number }>`
    select pg_relation_size('job_count_changes')::int as bytes`.execute(db)
  return rows[0]?.bytes ?? 0
}

onEachDatabase((newWorld) => {
  it('counts jobs by queue, lane and state as they are inserted, moved and deleted', async () => {
    await using world = await newWorld()
    await world.seedAudiobook(3)
    const doomed = await insertManyJobs(world.db, {
      count: 40,
      queue: 'embed',
      lane: 'low',
      status: 'failed',
    })
    expect(await jobCounts(world.db)).toEqual(await counted(world))

    await world.db
      .updateTable('processing_jobs')
      .set({ status: 'running', lane: 'high' })
      .where('type', '=', 'transcribe')
      .execute()
    expect(await jobCounts(world.db)).toEqual(await counted(world))
    expect(await jobCounts(world.db, 'transcribe')).toEqual([
      { queue: 'transcribe', lane: 'high', status: 'running', count: 3 },
    ])

    await world.db.deleteFrom('processing_jobs').where('subject_id', '=', doomed).execute()
    expect(await jobCounts(world.db)).toEqual(await counted(world))
  })

  it('does not count what was undone', async () => {
    await using world = await newWorld()
    await world.seedAudiobook()
    const before = await jobCounts(world.db)

    const undone = inTransaction(world.db, async (trx) => {
      await trx.updateTable('processing_jobs').set({ status: 'running' }).execute()
      throw new Error('undone')
    })

    await expect(undone).rejects.toThrow('undone')
    expect(await jobCounts(world.db)).toEqual(before)
  })

  it('counts children that go with their parent', async () => {
    await using world = await newWorld()
    const book = await world.seedAudiobook(2)
    const parent_id = book.job('transcribe 1')
    await world.db
      .updateTable('processing_jobs')
      .set({ parent_id })
      .where('id', 'in', [book.job('embed 1'), book.job('embed 2')])
      .execute()

    await world.db.deleteFrom('processing_jobs').where('id', '=', parent_id).execute()

    expect(await jobCounts(world.db, 'embed')).toEqual([])
    expect(await jobCounts(world.db)).toEqual(await counted(world))
  })

  it('sums changes up without changing the counts, where there are enough of them', async () => {
    await using world = await newWorld()
    for (let book = 0; book < 3; book += 1) await world.seedAudiobook(2)
    const [exact, before] = [await counted(world), await changes(world)]

    expect(await compactJobCounts(world.db, before + 1)).toBe(0)
    expect(await compactJobCounts(world.db, before)).toBe(before)

    expect(await changes(world)).toBe(exact.length)
    expect(await jobCounts(world.db)).toEqual(exact)
  })

  it('counts nothing once all jobs were truncated', async () => {
    await using world = await newWorld()
    await world.seedAudiobook()
    await compactJobCounts(world.db, 1)

    await sql`truncate processing_jobs cascade`.execute(world.db)

    expect(await jobCounts(world.db)).toEqual([])
    await world.seedAudiobook()
    expect(await jobCounts(world.db)).toEqual(await counted(world))
  })

  it('keeps the table small, also where nobody else vacuums', async () => {
    await using world = await newWorld()
    const exact = await jobCounts(world.db)
    await sql`
      insert into job_count_changes
      select 'tag', 'normal', 'queued', case n % 2 when 0 then 1 else -1 end
      from generate_series(1, 200000) n`.execute(world.db)
    const compactor = createCountCompactor(world)

    await compactor.start?.({ signal: new AbortController().signal, fail: () => {} })
    await expect.poll(() => sizeOfChanges(world), { timeout: 30_000 }).toBeLessThan(1_000_000)
    await compactor.stop?.()

    expect(await jobCounts(world.db)).toEqual(exact)
  })

  it('stays exact while many insert, move and delete jobs and several compact', async () => {
    await using world = await newWorld()
    const { db } = world
    const work = Array.from({ length: 6 }, async (_, nth) => {
      for (let round = 0; round < 10; round += 1) {
        const subject = await insertManyJobs(db, { count: 5, lane: nth % 2 ? 'low' : 'high' })
        const move = (status: 'running' | 'completed') =>
          db.updateTable('processing_jobs').set({ status }).where('subject_id', '=', subject).execute()
        await move('running')
        if (round % 3 === 0)
          await db.deleteFrom('processing_jobs').where('subject_id', '=', subject).execute()
        else await move('completed')
      }
    })
    let working = true
    const done = Promise.all(work).finally(() => {
      working = false
    })
    const sums: number[] = []
    const compacting = Array.from({ length: 3 }, async () => {
      while (working) sums.push(await compactJobCounts(db, 1))
    })
    await Promise.all([done, ...compacting])

    expect(Math.max(...sums)).toBeGreaterThan(1)
    expect(await jobCounts(db)).toEqual(await counted(world))
    await compactJobCounts(db, 1)
    expect(await jobCounts(db)).toEqual(await counted(world))
  })
})

/** A compaction that has done its work and has yet to commit. */
async function heldCompaction({ db }: World) {
  const [begun, end] = [Promise.withResolvers<number>(), Promise.withResolvers<void>()]
  const committed = inTransaction(db, async (trx) => {
    begun.resolve(await compactJobCounts(trx, 1))
    await end.promise
  })
  committed.catch(begun.reject)
  const commit = () => {
    end.resolve()
    return committed
  }
  return { taken: await begun.promise, commit }
}

describe.skipIf(!realPostgres())('beside a compaction that has not committed', () => {
  it('neither writers nor another compaction wait, and no change is taken twice', async () => {
    await using world = await testWorld()
    await world.seedAudiobook(2)
    const held = await heldCompaction(world)

    await world.seedAudiobook(2)
    expect(await jobCounts(world.db)).toEqual(await counted(world))
    expect(await compactJobCounts(world.db, 1)).toBeGreaterThan(0)
    await held.commit()

    expect(held.taken).toBeGreaterThan(0)
    expect(await jobCounts(world.db)).toEqual(await counted(world))
  })

  it('truncating the jobs leaves no count behind', async () => {
    await using world = await testWorld()
    await world.seedAudiobook(2)
    const held = await heldCompaction(world)

    const truncated = sql`truncate processing_jobs cascade`.execute(world.db)
    await expect.poll(() => waitingStatements(world), { timeout: 20_000 }).toBe(1)
    await held.commit()
    await truncated

    expect(await jobCounts(world.db)).toEqual([])
  })
})

async function waitingStatements({ db }: World): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
  return rows[0]?.count ?? 0
}
