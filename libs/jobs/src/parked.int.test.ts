import { randomUUID } from 'node:crypto'
import { streamKey } from '@app/bus'
import { defineJob, type JobDefinition } from '@app/contracts'
import { onEachDatabase, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { activeRun } from './active-runs.ts'
import { defineWorker, dispatchDue, queueState, reconcile, whyNotRunning } from './index.ts'
import { createLiveness } from './liveness.ts'
import { releaseParked } from './parked.ts'
import { createParkedReleases } from './parked-releases.ts'

const nothing = z.object({})
const OldJob = defineJob('read', { queue: 'reading', input: nothing, result: nothing, output: nothing })
const NewJob = { ...OldJob, version: 2 }
/** The newer version of us has a second type in the queue. */
const OtherJob = { ...OldJob, name: 'skim' }

const knowing = (definition: JobDefinition<string, typeof nothing, typeof nothing, typeof nothing>) =>
  defineWorker(definition, { run: async () => ({}) })

const insert = async (world: World, type: 'read' | 'skim' = 'read', count = 1): Promise<string[]> => {
  const planned = Array.from({ length: count }, (_, index) => ({
    ...{ key: `${type} ${index}`, type, lane: 'normal' as const, input: {}, dependsOn: [] },
    ...{ subjectKind: 'nothing', subjectId: randomUUID(), ownerId: randomUUID() },
  }))
  return [...(await world.insert(planned)).ids.values()]
}

/** A living process, as its beats describe it. */
async function beat({ db }: World, jobTypes: string[]): Promise<string> {
  const id = randomUUID()
  await sql`
    insert into workers (id, service, queues, concurrency, stale_after_ms, job_types)
    values (${id}, 'test', '["reading"]', 2, 15000, ${JSON.stringify(jobTypes)})`.execute(db)
  return id
}

const parkedCount = async ({ db, bus }: World) => (await queueState(db, bus, 'reading'))?.parked

onEachDatabase((open) => {
  const newWorld = () => open({ jobs: [NewJob, OtherJob] })

  it.each([
    ['version', 'read' as const, 'read@2'],
    ['type', 'skim' as const, 'skim@1'],
  ])('parks a job of a %s that its worker does not know, and shows it', async (what, type, needed) => {
    await using world = await newWorld()
    const [id = ''] = await insert(world, type)

    await world.drain([knowing(OldJob)])
    const sentAgain = await dispatchDue(world.db, world.bus)

    expect(sentAgain).toBe(0)
    expect(await world.job(id)).toMatchObject({
      ...{ status: 'queued', hold_reason: `unknown-${what}:${needed}`, worker_id: null, started_at: null },
      ...{ attempts: 0, snoozes: 0, crashes: 0, hand_backs: 0, error_code: null },
    })
    expect(await parkedCount(world)).toBe(1)
    const { reasons } = await whyNotRunning(world.db, world.bus, id)
    expect(reasons[0]).toMatchObject({ code: 'parked', data: { needed } })
  })

  it('lets what was parked go on at the start of a worker that knows it', async () => {
    await using world = await newWorld()
    const ids = await insert(world, 'read', 3)
    await world.drain([knowing(OldJob)])
    const said = { service: 'test', queues: ['reading'], jobTypes: ['read@2'], concurrency: 1 }
    const liveness = createLiveness(world.shell(), said)

    await liveness.start?.({ signal: new AbortController().signal, fail: () => {} })
    expect(await parkedCount(world)).toBe(0)
    await liveness.stop?.()

    await world.start([knowing(NewJob)], undefined)
    expect(await world.db.selectFrom('workers').select(['queues', 'job_types']).execute()).toEqual([
      { queues: ['reading'], job_types: ['read@2', 'ticket@1'] },
    ])
    await vi.waitFor(
      async () => {
        for (const id of ids) expect((await world.job(id)).status).toBe('completed')
      },
      { timeout: 20_000, interval: 20 },
    )
  })

  it('runs jobs of several types from one queue in one process', async () => {
    await using world = await newWorld()
    const ids = [...(await insert(world, 'read')), ...(await insert(world, 'skim'))]
    await world.start([knowing(NewJob), knowing(OtherJob)], undefined)

    await vi.waitFor(
      async () => {
        for (const id of ids) expect((await world.job(id)).status).toBe('completed')
      },
      { timeout: 20_000, interval: 20 },
    )
  })

  it('refuses two workers of one type in a process', async () => {
    await using world = await newWorld()

    await expect(world.start([knowing(NewJob), knowing(NewJob)], undefined)).rejects.toMatchObject({
      code: 'type-worked-twice',
    })
  })

  it('finds by reconciling what was parked while the worker that knows it was starting', async () => {
    await using world = await newWorld()
    const [id = ''] = await insert(world)
    await beat(world, ['read@2'])
    await world.drain([knowing(OldJob)])
    expect(await parkedCount(world)).toBe(1)

    expect(await reconcile(world.db, world.bus)).toMatchObject({ parkedReleased: 1 })

    await world.drain([knowing(NewJob)])
    expect(await world.job(id)).toMatchObject({ status: 'completed', hold_reason: null, attempts: 0 })
  })

  it('lets a few parked jobs at a time go on while workers of both versions live, and then the rest', async () => {
    await using world = await newWorld()
    await insert(world, 'read', 5)
    const old = await beat(world, ['read@1'])
    const workerId = await beat(world, ['read@2'])
    await world.drain([knowing(OldJob)])

    expect(await releaseParked(world.db, { workerId: old, most: 2 })).toBe(0)
    expect(await reconcile(world.db, world.bus)).toMatchObject({ parkedReleased: 0 })
    expect(await releaseParked(world.db, { workerId, most: 2 })).toBe(2)
    // One comes to the new worker, the other to the old one again.
    await world.dispatch()
    expect(await parkedCount(world)).toBe(3)
    await world.drain([knowing(OldJob)])
    expect(await parkedCount(world)).toBe(5)
    await world.db.deleteFrom('workers').where('id', '=', old).execute()
    expect(await releaseParked(world.db, { workerId, most: 2 })).toBe(5)
  })

  it('lets them go on in turns, as many as it has slots free and for as long as it has some', async () => {
    await using world = await newWorld()
    await insert(world, 'read', 5)
    await beat(world, ['read@1'])
    const shell = { ...world.shell(), workerId: await beat(world, ['read@2']) }
    await world.drain([knowing(OldJob)])
    const releases = createParkedReleases(shell, { queues: ['reading'], concurrency: 2 })
    const busy = ['1-1', '2-1'].map((entryId) => activeRun({ stream: 'reading', entryId }))

    for (const run of busy) shell.active.runs.add(run)
    await releases.begin()
    expect(await parkedCount(world)).toBe(5)

    for (const run of busy) shell.active.runs.delete(run)
    await releases.begin()
    expect(await parkedCount(world)).toBeLessThan(5)
    await vi.waitFor(async () => expect(await parkedCount(world)).toBe(0), { timeout: 20_000, interval: 50 })
    await releases.stop()
  })

  it('parks the job of a ticket of a newer version until somebody reads those', async () => {
    await using world = await newWorld()
    const [id = ''] = await insert(world)
    await world.dispatch()
    const stream = streamKey(world.bus.prefix, 'reading', 'normal')
    const newer = JSON.stringify({ v: 2, jobId: id, fence: 0, whatever: true })
    await world.bus.redis.xtrim(stream, 'MAXLEN', 0)
    await world.bus.redis.xadd(stream, '*', 'ticket', newer)

    await world.drain([knowing(NewJob)])

    expect(await world.job(id)).toMatchObject({ status: 'queued', hold_reason: 'unknown-ticket:ticket@2' })
    // Waiting for an upgrade is no failure.
    expect(await world.bus.redis.xlen(`${world.bus.prefix}:failed:{reading}`)).toBe(0)
    await beat(world, ['read@2', 'ticket@1', 'ticket@2'])
    expect(await reconcile(world.db, world.bus)).toMatchObject({ parkedReleased: 1 })
    await world.drain([knowing(NewJob)])
    expect((await world.job(id)).status).toBe('completed')
  })

  it('sends a job another ticket whose own could not be read at all', async () => {
    await using world = await newWorld()
    const [id = ''] = await insert(world)
    await world.dispatch()
    const stream = streamKey(world.bus.prefix, 'reading', 'normal')
    await world.bus.redis.xtrim(stream, 'MAXLEN', 0)
    await world.bus.redis.xadd(stream, '*', 'ticket', '{"v":1,"job')
    await world.drain([knowing(NewJob)])
    expect((await world.job(id)).status).toBe('queued')

    await sql`update processing_jobs set dispatched_at = now() - interval '1 hour'`.execute(world.db)
    expect(await reconcile(world.db, world.bus)).toMatchObject({ ticketsLost: 1 })

    await world.drain([knowing(NewJob)])
    expect((await world.job(id)).status).toBe('completed')
  })
})
