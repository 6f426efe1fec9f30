import { randomUUID } from 'node:crypto'
import { streamKey } from '@app/bus'
import { defineJob, LANES, type Lane } from '@app/contracts'
import { type Db, inTransaction } from '@app/db'
import { onEachDatabase, realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { claimJobs } from './claim.ts'
import { cancelJob, defineWorker, dispatchDue, insertJobs } from './index.ts'
import { lockDispatch, markDue } from './mark-due.ts'
import type { Windows } from './plan-admission.ts'

const nothing = z.object({})
const Noop = defineJob('noop', { queue: 'tag', input: nothing, result: nothing, output: nothing })

interface Waiting {
  ownerId: string
  count: number
  lane?: Lane
}

/** Jobs that wait for nothing, in as few statements as possible. Returns their ids in the order of insertion. */
async function insertWaiting(db: Db, { ownerId, count, lane = 'normal' }: Waiting): Promise<string[]> {
  const planned = Array.from({ length: count }, (_, index) => ({
    key: String(index),
    type: 'noop',
    lane,
    subjectKind: 'none',
    subjectId: ownerId,
    ownerId,
    input: {},
    dependsOn: [],
  }))
  const { ids } = await inTransaction(db, (trx) => insertJobs(trx, planned, () => Noop))
  return planned.map(({ key }) => ids.get(key) ?? '')
}

/** With a job each that waits. Returns their ids in order. */
async function insertOwners(db: Db, count: number): Promise<string[]> {
  const { rows } = await sql<{ ownerId: string }>`
    insert into processing_jobs (subject_kind, subject_id, owner_id, type, version, queue, status, input, max_attempts)
    select 'none', gen_random_uuid(), gen_random_uuid(), 'tag', 1, 'tag', 'queued', '{}', 3
    from generate_series(1, ${count}::int)
    returning owner_id as "ownerId"`.execute(db)
  return rows.map(({ ownerId }) => ownerId).sort()
}

const only = (tickets: number): Windows => ({ byQueue: new Map([['tag', tickets]]), others: 0 })

/** Tickets that stand on the queue's streams, oldest first, with their entries. */
async function standing(world: World, lane: Lane = 'normal') {
  const entries = await world.bus.redis.xrange(streamKey(world.bus.prefix, 'tag', lane), '-', '+')
  return entries.map(([entryId, [, ticket = '']]) => ({ entryId, ticket: JSON.parse(ticket) }))
}

/** Has the oldest tickets claimed, as slots that become free would. */
async function claimOldest(world: World, count: number): Promise<void> {
  const oldest = (await standing(world)).slice(0, count)
  await claimJobs(
    world.db,
    oldest.map(({ entryId, ticket }) => ({ ticket, holder: { workerId: 'worker', entryId } })),
  )
  await world.bus.redis.xdel(
    streamKey(world.bus.prefix, 'tag', 'normal'),
    ...oldest.map(({ entryId }) => entryId),
  )
}

const ownersOf = async (world: World): Promise<string[]> => {
  const rows = await world.db.selectFrom('processing_jobs').select(['id', 'owner_id']).execute()
  const owner = new Map(rows.map((row) => [row.id, row.owner_id]))
  return (await standing(world)).map(({ ticket }) => owner.get(ticket.jobId) ?? '')
}

onEachDatabase((newWorld) => {
  it('lets no more tickets stand than the window holds, and tops it up as they are claimed', async () => {
    await using world = await newWorld()
    const ids = await insertWaiting(world.db, { ownerId: randomUUID(), count: 200 })

    expect(await dispatchDue(world.db, world.bus, { windows: only(8) })).toBe(8)
    expect(await dispatchDue(world.db, world.bus, { windows: only(8) })).toBe(0)
    await claimOldest(world, 3)
    expect(await dispatchDue(world.db, world.bus, { windows: only(8) })).toBe(3)

    expect((await standing(world)).map(({ ticket }) => ticket.jobId)).toEqual(ids.slice(3, 11))
  })

  it('keeps to the window when several dispatchers decide at once', async () => {
    await using world = await newWorld()
    await insertWaiting(world.db, { ownerId: randomUUID(), count: 100 })

    const sent = await Promise.all(
      Array.from({ length: 4 }, () => dispatchDue(world.db, world.bus, { windows: only(10) })),
    )

    expect(sent.reduce((sum, count) => sum + count, 0)).toBe(10)
    expect(await standing(world)).toHaveLength(10)
  })

  it('row 23: sends an owner’s ten before more of an owner’s thousands', async () => {
    await using world = await newWorld()
    const [greedy, modest] = [randomUUID(), randomUUID()]
    await insertWaiting(world.db, { ownerId: greedy, count: 1_000 })
    await dispatchDue(world.db, world.bus, { windows: only(12) })
    await insertWaiting(world.db, { ownerId: modest, count: 10 })

    // Twelve slots take what stands; their places go to whoever has least.
    await claimOldest(world, 12)
    await dispatchDue(world.db, world.bus, { windows: only(12) })

    const owners = await ownersOf(world)
    expect(owners).toHaveLength(12)
    expect(owners.filter((owner) => owner === modest)).toHaveLength(10)
    expect(owners.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => modest))
  })

  it('takes turns between owners that wait alike', async () => {
    await using world = await newWorld()
    const owners = [randomUUID(), randomUUID(), randomUUID()]
    for (const ownerId of owners) await insertWaiting(world.db, { ownerId, count: 50 })

    await dispatchDue(world.db, world.bus, { windows: only(9) })

    const sent = await ownersOf(world)
    for (const round of [sent.slice(0, 3), sent.slice(3, 6), sent.slice(6, 9)]) {
      expect(new Set(round)).toEqual(new Set(owners))
    }
  })

  it('gives every owner a turn where more wait than there are places', async () => {
    await using world = await newWorld()
    // Ids that lie together, as those made by the clock do: a place among all ids is before or behind all of them.
    const ofTheSameTime = `01990000${randomUUID().slice(8, 35)}`
    const owners = ['0', '5', 'a', 'f'].map((digit) => ofTheSameTime + digit)
    for (const ownerId of owners) await insertWaiting(world.db, { ownerId, count: 40 })

    // One slot: while one job runs, one ticket stands.
    for (let job = 0; job < 40; job += 1) {
      await dispatchDue(world.db, world.bus, { windows: only(1) })
      await sql`update processing_jobs set status = 'completed' where status = 'running'`.execute(world.db)
      await claimOldest(world, 1)
    }

    const query = world.db.selectFrom('processing_jobs').select('owner_id').where('status', '=', 'completed')
    expect(new Set((await query.execute()).map((row) => row.owner_id))).toEqual(new Set(owners))
  })

  it('has a window for each lane', async () => {
    await using world = await newWorld()
    for (const lane of LANES) await insertWaiting(world.db, { ownerId: randomUUID(), count: 20, lane })

    await dispatchDue(world.db, world.bus, { windows: only(5) })

    for (const lane of LANES) expect(await standing(world, lane)).toHaveLength(5)
  })

  it('sends nothing of a queue that is paused, and nothing but what is due', async () => {
    await using world = await newWorld()
    const [first, second] = await insertWaiting(world.db, { ownerId: randomUUID(), count: 2 })
    await sql`insert into queue_controls (queue, paused_by) values ('tag', 'somebody')`.execute(world.db)

    expect(await dispatchDue(world.db, world.bus)).toBe(0)
    await sql`delete from queue_controls`.execute(world.db)
    await sql`update processing_jobs set run_at = now() + interval '1 hour' where id = ${first}`.execute(
      world.db,
    )
    expect(await dispatchDue(world.db, world.bus)).toBe(1)
    expect((await standing(world))[0]?.ticket.jobId).toBe(second)
    await sql`delete from queue_controls`.execute(world.db)
  })

  it('cancels and reorders what waits without touching a stream', async () => {
    await using world = await newWorld()
    const ids = await insertWaiting(world.db, { ownerId: randomUUID(), count: 4 })
    await dispatchDue(world.db, world.bus, { windows: only(1) })

    await cancelJob(world, ids[1] ?? '', 'somebody')
    await sql`update processing_jobs set run_at = now() - interval '1 hour' where id = ${ids[3]}`.execute(
      world.db,
    )
    await dispatchDue(world.db, world.bus, { windows: only(10) })

    expect((await standing(world)).map(({ ticket }) => ticket.jobId)).toEqual([ids[0], ids[3], ids[2]])
  })

  it('reaches every owner, however many there are', async () => {
    await using world = await newWorld()
    await insertOwners(world.db, 1_500)

    expect(await dispatchDue(world.db, world.bus)).toBe(1_500)
  })

  it('gives those a turn who wait behind more owners than it chooses from', async () => {
    await using world = await newWorld()
    const behind = new Set((await insertOwners(world.db, 1_500)).slice(1_000))

    let turns = 0
    for (let round = 0; turns === 0 && round < 30; round += 1) {
      const marked = await markDue(world.db, only(100))
      turns += marked?.due.filter(({ ownerId }) => behind.has(ownerId)).length ?? 0
      await sql`update processing_jobs set dispatch_after = null where dispatch_after is not null`.execute(
        world.db,
      )
    }

    expect(turns).toBeGreaterThan(0)
  })

  it('chooses from the owner behind its place on, round to the first, past all who have nothing due', async () => {
    await using world = await newWorld()
    const owners = await insertOwners(world.db, 1_500)
    const chosen = async (behind: string | undefined) => {
      const marked = await markDue(world.db, only(3), { behind, tieBreak: 0 })
      await sql`update processing_jobs set dispatch_after = null where dispatch_after is not null`.execute(
        world.db,
      )
      return marked?.due.map(({ ownerId }) => owners.indexOf(ownerId)).sort((a, b) => a - b)
    }

    expect(await chosen(owners[700])).toEqual([701, 702, 703])
    expect(await chosen(owners[1_498])).toEqual([0, 1, 1_499])
    await sql`update processing_jobs set run_at = now() + interval '1 hour' where owner_id <> ${owners[50]}`.execute(
      world.db,
    )
    expect(await chosen(owners[60])).toEqual([50])
  })

  it('has Postgres end a session that is silent while it decides, and not the only one that PGlite has', async () => {
    await using world = await newWorld()

    const { rows } = await inTransaction(world.db, async (trx) => {
      await lockDispatch(trx)
      return await sql<{ kind: string; after: string }>`
        select backend_type as kind, current_setting('idle_in_transaction_session_timeout') as after
        from pg_stat_activity where pid = pg_backend_pid()`.execute(trx)
    })

    const expected = { 'client backend': '2s', 'standalone backend': '0' }
    expect(expected).toMatchObject(Object.fromEntries(rows.map(({ kind, after }) => [kind, after])))
    expect(rows).toHaveLength(1)
  })

  it('runs what waits behind a small window to its end, by itself', async () => {
    await using world = await newWorld()
    await insertWaiting(world.db, { ownerId: randomUUID(), count: 300 })
    const noop = defineWorker(Noop, { run: async () => ({}) })

    await world.start([noop], undefined, { concurrency: 4 })

    const jobsByStatus = () =>
      world.db
        .selectFrom('processing_jobs')
        .select(({ fn }) => ['status', fn.countAll<string>().as('jobs')])
        .groupBy('status')
        .execute()
    await expect.poll(jobsByStatus, { timeout: 60_000 }).toEqual([{ status: 'completed', jobs: '300' }])
  })
})

// PGlite runs one transaction at a time: there nobody can be in the middle of one.
it.skipIf(!realPostgres())('decides nothing while another dispatcher is at it', async () => {
  await using world = await testWorld()
  await insertWaiting(world.db, { ownerId: randomUUID(), count: 20 })

  await inTransaction(world.db, async (trx) => {
    await lockDispatch(trx)
    expect(await markDue(world.db, only(10))).toBeUndefined()
  })

  expect((await markDue(world.db, only(10)))?.due).toHaveLength(10)
})

/** A process that says nothing more once its first statement is answered: stopped, cut off, or its event loop blocked. */
function standingStill(db: Db) {
  const [answered, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const still = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      answered.resolve()
      await end.promise
      return result
    },
  })
  return { db: still, answered: answered.promise, end: end.resolve }
}

// PGlite's server drops whoever is silent in a transaction, and has a test for it.
it.skipIf(!realPostgres())('goes on without a dispatcher that stands still while it decides', async () => {
  await using world = await testWorld()
  await insertWaiting(world.db, { ownerId: randomUUID(), count: 20 })
  const other = standingStill(world.db)
  const decision = markDue(other.db, only(10))
  await other.answered
  expect(await markDue(world.db, only(10))).toBeUndefined()

  expect(await dispatchDue(world.db, world.bus, { windows: only(10) })).toBe(10)

  other.end()
  await expect(decision).rejects.toThrow('not queryable')
})
