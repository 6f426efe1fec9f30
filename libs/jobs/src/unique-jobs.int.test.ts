import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { defineJob, type JobStatus } from '@app/contracts'
import { inTransaction } from '@app/db'
import type { PlannedJob } from '@app/flows'
import { onEachDatabase, realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { completeJob } from './complete.ts'
import { insertJobs, redriveJob } from './index.ts'
import { insertUnique } from './unique-jobs.ts'

const FetchJob = defineJob('fetch', {
  queue: 'fetch',
  input: z.object({ url: z.string() }),
  result: z.object({}),
  output: z.object({}),
  unique: ({ url }) => url,
})
const ReadJob = defineJob('read', {
  queue: 'read',
  input: z.object({}),
  result: z.object({}),
  output: z.object({}),
})
const jobs = [FetchJob, ReadJob]

const ownerId = randomUUID()
const base = { lane: 'normal' as const, subjectKind: 'page', ownerId, dependsOn: [] }
const fetching = (url: string, more: Partial<PlannedJob<string>> = {}): PlannedJob<string> => ({
  ...base,
  key: `fetch ${url}`,
  type: 'fetch',
  subjectId: randomUUID(),
  input: { url },
  ...more,
})
const reading = (key: string, dependsOn: readonly string[]): PlannedJob<string> => ({
  ...base,
  key,
  type: 'read',
  subjectId: randomUUID(),
  input: {},
  dependsOn,
})

const setStatus = (world: World, id: string, status: JobStatus) =>
  world.db.updateTable('processing_jobs').set({ status }).where('id', '=', id).execute()

const rowCount = async (world: World) =>
  (await world.db.selectFrom('processing_jobs').select('id').execute()).length

const runOf = (jobId: string) => ({ jobId, fence: 0, subjectKind: 'page', subjectId: randomUUID() })

onEachDatabase((anyWorld) => {
  const newWorld = () => anyWorld({ jobs })

  it.each<JobStatus>(['pending', 'queued', 'running', 'waiting'])(
    'answers with the job that is %s under the same key, and says that it was there',
    async (status) => {
      await using world = await newWorld()
      const first = await world.insert([fetching('a')])
      const id = first.ids.get('fetch a') ?? ''
      await setStatus(world, id, status)

      const second = await world.insert([fetching('a'), fetching('b')])

      expect(first.existing).toEqual(new Set())
      expect(second.existing).toEqual(new Set(['fetch a']))
      expect(second.ids.get('fetch a')).toBe(id)
      expect(await rowCount(world)).toBe(2)
    },
  )

  it.each<JobStatus>(['completed', 'failed', 'cancelled'])(
    'makes a new job where the one under the same key is %s',
    async (status) => {
      await using world = await newWorld()
      const { ids } = await world.insert([fetching('a')])
      await setStatus(world, ids.get('fetch a') ?? '', status)

      const second = await world.insert([fetching('a')])

      expect(second.existing).toEqual(new Set())
      expect(await rowCount(world)).toBe(2)
    },
  )

  it('keeps the owners apart', async () => {
    await using world = await newWorld()
    await world.insert([fetching('a')])

    const { existing } = await world.insert([fetching('a', { ownerId: randomUUID() })])

    expect(existing).toEqual(new Set())
  })

  it('lets a new graph wait for the job that is there already', async () => {
    await using world = await newWorld()
    const { ids } = await world.insert([fetching('a')])
    const fetch = ids.get('fetch a') ?? ''
    const graph = await world.insert([fetching('a'), reading('read', ['fetch a'])])
    const read = graph.ids.get('read') ?? ''
    expect(await world.job(read)).toMatchObject({ status: 'pending', waiting_on: 1 })

    await setStatus(world, fetch, 'running')
    await completeJob(world.db, runOf(fetch), async () => ({}))

    expect(await world.job(read)).toMatchObject({ status: 'queued', waiting_on: 0 })
  })

  it('makes one job of two in the same graph, and waits for it once', async () => {
    await using world = await newWorld()

    const { ids, existing } = await world.insert([
      fetching('a', { key: 'one' }),
      fetching('a', { key: 'other', dependsOn: ['one'] }),
      reading('read', ['one', 'other']),
    ])

    expect(ids.get('other')).toBe(ids.get('one'))
    expect(existing).toEqual(new Set())
    expect(await world.job(ids.get('one') ?? '')).toMatchObject({ status: 'queued', waiting_on: 0 })
    expect(await world.job(ids.get('read') ?? '')).toMatchObject({ waiting_on: 1 })
    expect(await rowCount(world)).toBe(2)
  })

  it('makes one job of what many transactions insert at once, in whatever order', async () => {
    await using world = await newWorld()
    const graphs = Array.from({ length: 8 }, (_, index) => {
      const both = [fetching('a'), fetching('b')]
      return index % 2 === 0 ? both : both.toReversed()
    })

    const inserted = await Promise.all(graphs.map((graph) => world.insert(graph)))

    expect(await rowCount(world)).toBe(2)
    for (const key of ['fetch a', 'fetch b']) {
      expect(new Set(inserted.map(({ ids }) => ids.get(key))).size).toBe(1)
      expect(inserted.filter(({ existing }) => !existing.has(key))).toHaveLength(1)
    }
  })

  it('inserts after all where the job that was met has ended by the time it is looked up', async () => {
    await using world = await newWorld()
    const { ids } = await world.insert([fetching('a')])
    const wanted = { id: randomUUID() as string, owner_id: ownerId, type: 'fetch', unique_key: 'a' }
    const insertions: string[][] = []

    const existing = await inTransaction(world.db, (trx) =>
      insertUnique(trx, [wanted], async (rows) => {
        insertions.push(rows.map((row) => row.id))
        if (insertions.length > 1) return new Set([wanted.id])
        await trx
          .updateTable('processing_jobs')
          .set({ status: 'completed' })
          .where('id', '=', ids.get('fetch a') ?? '')
          .execute()
        return new Set()
      }),
    )

    expect(existing).toEqual(new Map())
    expect(insertions).toEqual([[wanted.id], [wanted.id]])
  })

  it.each([
    ['nothing', ''],
    ['more than an index holds', 'x'.repeat(501)],
  ])('refuses a key of %s', async (_, url) => {
    await using world = await newWorld()

    await expect(world.insert([fetching(url)])).rejects.toMatchObject({ code: 'unique-key-invalid' })
  })

  it('does not redrive a job while another does the same', async () => {
    await using world = await newWorld()
    const { ids } = await world.insert([fetching('a')])
    const failed = ids.get('fetch a') ?? ''
    await setStatus(world, failed, 'failed')
    await world.insert([fetching('a')])

    await expect(redriveJob(world.db, failed, 'an admin')).rejects.toMatchObject({ code: 'job-duplicate' })
    expect(await world.job(failed)).toMatchObject({ status: 'failed' })
  })
})

// PGlite runs one transaction at a time: there nothing can end in between.
it.skipIf(!realPostgres())('lets no job that was met end before the edges to it are committed', async () => {
  await using world = await testWorld({ jobs })
  const { ids } = await world.insert([fetching('a')])
  const fetch = ids.get('fetch a') ?? ''
  await setStatus(world, fetch, 'running')
  let completing: Promise<unknown> = Promise.resolve()

  const graph = await inTransaction(world.db, async (trx) => {
    const inserted = await insertJobs(trx, [fetching('a'), reading('read', ['fetch a'])], world.definitions)
    completing = completeJob(world.db, runOf(fetch), async () => ({}))
    await Promise.race([completing, someoneWaitsForALock(world)])
    return inserted
  })
  await completing

  expect(await world.job(graph.ids.get('read') ?? '')).toMatchObject({ status: 'queued', waiting_on: 0 })
})

async function someoneWaitsForALock({ db }: World): Promise<void> {
  for (let waiting = 0; waiting === 0; await setTimeout(5)) {
    const { rows } = await sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
    waiting = rows.length
  }
}
