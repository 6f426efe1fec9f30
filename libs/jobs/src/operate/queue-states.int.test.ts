import { randomUUID } from 'node:crypto'
import { connectDb, type Db } from '@app/db'
import { insertManyJobs, onEachDatabase, realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { jobCounts, pauseQueue, queueState, queueStates } from '../index.ts'

interface Beat {
  queues: string[]
  concurrency: number
  secondsAgo?: number
}

const beat = ({ db }: World, { queues, concurrency, secondsAgo = 0 }: Beat) =>
  sql`
    insert into workers (id, service, queues, concurrency, stale_after_ms, beat_at)
    values (${randomUUID()}, 'test', ${JSON.stringify(queues)}, ${concurrency}, 15000,
      now() - ${secondsAgo} * interval '1 second')`.execute(db)

const ageAllJobs = ({ db }: World, seconds: number) =>
  db
    .updateTable('processing_jobs')
    .set({ run_at: sql<Date>`now() - ${seconds} * interval '1 second'` })
    .execute()

onEachDatabase((newWorld) => {
  it('shows each queue with what waits, what runs and who works on it', async () => {
    await using world = await newWorld()
    await world.seedAudiobook(2)
    await insertManyJobs(world.db, { count: 3, queue: 'transcribe', lane: 'low', status: 'running' })
    await beat(world, { queues: ['transcribe', 'embed'], concurrency: 2 })
    await beat(world, { queues: ['transcribe'], concurrency: 3 })
    await beat(world, { queues: ['transcribe'], concurrency: 8, secondsAgo: 60 })
    await pauseQueue(world.db, 'tag', { who: 'ada', reason: 'why not' })
    await world.dispatch()

    const [download, transcribe, embed, summarize, tag, ...others] = await queueStates(world.db, world.bus)

    expect([download, ...others].map((state) => state?.queue)).toEqual([
      ...['download', 'analyze', 'describe', 'translate', 'deliver'],
    ])
    expect(transcribe).toMatchObject({
      queue: 'transcribe',
      lanes: { high: { queued: 1 }, normal: { queued: 1 }, low: { running: 3 } },
      jobs: { queued: 2, running: 3 },
      depth: 5,
      workers: 2,
      slots: 5,
      control: null,
      entries: 2,
    })
    expect(embed).toMatchObject({
      jobs: { pending: 2 },
      depth: 0,
      oldestWaitingMs: null,
      workers: 1,
      slots: 2,
    })
    expect(summarize).toMatchObject({ queue: 'summarize', workers: 0, slots: 0, entries: 0 })
    expect(tag?.control).toMatchObject({ pausedBy: 'ada', reason: 'why not' })
  })

  it('says how long the oldest due job waits, whether its ticket stands on the stream or not', async () => {
    await using world = await newWorld()
    await world.seedAudiobook()
    const ageMs = async () => (await queueState(world.db, world.bus, 'transcribe'))?.oldestWaitingMs

    await ageAllJobs(world, 3_600)
    const inPostgres = await ageMs()
    await world.dispatch()
    const onTheStream = await ageMs()
    await ageAllJobs(world, -3_600)
    const notDue = await ageMs()

    for (const age of [inPostgres, onTheStream]) {
      expect(age).toBeGreaterThanOrEqual(3_600_000)
      expect(age).toBeLessThan(4_000_000)
    }
    expect(notDue).toBeNull()
  })

  it('answers without Redis, and knows no queue that nobody has', async () => {
    await using world = await newWorld()
    await world.seedAudiobook()

    expect(await queueState(world.db, undefined, 'transcribe')).toMatchObject({ depth: 1, entries: null })
    expect(await queueState(world.db, undefined, 'transcrybe')).toBeUndefined()
  })
})

describe.skipIf(!realPostgres())('with 100,000 jobs waiting', () => {
  it('reads no more of them than of a few', async () => {
    await using world = await testWorld()
    // Statistics are a connection's own until it hands them in.
    const db = connectDb(world.databaseUrl, { onIdleError: () => {}, maxConnections: 1 })
    await insertManyJobs(db, { count: 1_000, owners: 50 })
    const few = await blocksRead(db)

    await insertManyJobs(db, { count: 99_000, owners: 50 })
    await sql`analyze processing_jobs`.execute(db)
    const many = await blocksRead(db)
    await db.destroy()

    expect(await jobCounts(world.db)).toMatchObject([{ queue: 'tag', status: 'queued', count: 100_000 }])
    expect(few).toBeGreaterThan(0)
    // An index of so many has a level or two more.
    expect(many).toBeLessThan(few + 50)
  })
})

/** Blocks of `processing_jobs` and its indexes that one look at the queues touches. */
async function blocksRead(db: Db): Promise<number> {
  const before = await blocksTouched(db)
  await queueStates(db, undefined)
  return (await blocksTouched(db)) - before
}

async function blocksTouched(db: Db): Promise<number> {
  await sql`select pg_stat_force_next_flush()`.execute(db)
  const { rows } = await sql<{ blocks: number }>`
    select (heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)::int as blocks
    from pg_statio_user_tables where relname = 'processing_jobs'`.execute(db)
  return rows[0]?.blocks ?? 0
}
