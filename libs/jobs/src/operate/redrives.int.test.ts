import { randomUUID } from 'node:crypto'
import { TagJob } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { insertDeadJobs, onEachDatabase, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import {
  createRedriver,
  defineWorker,
  type RedriveRequest,
  redriveProgress,
  startRedrive,
  stepRedrives,
  stopRedrive,
} from '../index.ts'

const start = ({ db }: World, request: Partial<RedriveRequest> = {}) =>
  startRedrive(db, { perSecond: 1_000, mostFailures: 1, who: 'ada', ...request })

/** As if nobody had stepped for so long. */
const timePasses = ({ db }: World, seconds: number) =>
  sql`update redrives set last_step_at = last_step_at - ${seconds} * interval '1 second'`.execute(db)

/** Steps until nothing is left to give back. */
async function stepToEnd(world: World, id: string): Promise<number> {
  let given = 0
  while ((await redriveProgress(world.db, id)).status === 'running') {
    given += await stepRedrives(world.db)
    await timePasses(world, 60)
  }
  return given
}

async function fail(world: World, jobIds: readonly string[]): Promise<void> {
  for (const jobId of jobIds) {
    await world.db.updateTable('processing_jobs').set({ status: 'failed' }).where('id', '=', jobId).execute()
    await sql`
      insert into dead_letters (job_id, job_type, queue, error_class, error_code, fingerprint, message, attempts, crashes)
      values (${jobId}, 'tag', 'tag', 'FatalError', 'llm-refused', 'f1', 'again', 1, 0)`.execute(world.db)
  }
}

const complete = (world: World, jobIds: readonly string[]) =>
  world.db.updateTable('processing_jobs').set({ status: 'completed' }).where('id', 'in', jobIds).execute()

const redriven = async ({ db }: World) =>
  (await db.selectFrom('processing_jobs').select('id').where('status', '=', 'queued').execute()).map(
    ({ id }) => id,
  )

onEachDatabase((newWorld) => {
  it('gives back one at once, the oldest first, and the next when its time has come', async () => {
    await using world = await newWorld()
    const dead = await insertDeadJobs(world.db, { count: 5 })
    const { id } = await start(world, { perSecond: 0.001 })

    expect(await stepRedrives(world.db)).toBe(1)
    expect(await stepRedrives(world.db)).toBe(0)
    expect(await redriven(world)).toEqual([dead[0]?.jobId])
    await timePasses(world, 500)
    expect(await stepRedrives(world.db)).toBe(0)
    await timePasses(world, 500)
    expect(await stepRedrives(world.db)).toBe(1)

    expect(await redriveProgress(world.db, id)).toMatchObject({
      status: 'running',
      redriven: 2,
      remaining: 3,
    })
  })

  it('does not make up at once for the time in which no process stepped', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 20 })
    await start(world, { perSecond: 0.5 })
    expect(await stepRedrives(world.db)).toBe(1)

    await timePasses(world, 3_600)

    expect(await stepRedrives(world.db)).toBe(3)
  })

  it('gives back a group, in turns of a hundred, and is done when nothing of it is left', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 250, fingerprint: 'f1' })
    await insertDeadJobs(world.db, { count: 2, fingerprint: 'f2' })
    await insertDeadJobs(world.db, { count: 2, queue: 'embed', fingerprint: 'f1' })
    const { id } = await start(world, { fingerprint: 'f1', queue: 'tag' })

    expect(await stepToEnd(world, id)).toBe(250)

    const letters = await world.db
      .selectFrom('dead_letters')
      .selectAll()
      .where('resolution', 'is not', null)
      .execute()
    expect(
      new Set(letters.map((letter) => [letter.resolution, letter.resolved_by, letter.redrive_id].join())),
    ).toEqual(new Set([`redriven,ada,${id}`]))
    const progress = await redriveProgress(world.db, id)
    expect(progress).toMatchObject({ status: 'done', redriven: 250, underWay: 250, remaining: 0 })
    expect(progress.endedAt).not.toBeNull()
  })

  it('gives each job back once, however many processes step at once', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 60 })
    const { id } = await start(world)
    await stepRedrives(world.db)
    await timePasses(world, 60)

    const given = await Promise.all([1, 2, 3].map(() => stepRedrives(world.db)))
    expect(given.reduce((sum, count) => sum + count)).toBe((await redriven(world)).length - 1)
    await stepToEnd(world, id)

    const jobs = await world.db.selectFrom('processing_jobs').select(['status', 'fence']).execute()
    expect(jobs).toHaveLength(60)
    expect(jobs.every(({ status, fence }) => status === 'queued' && fence === 1)).toBe(true)
  })

  it('loses no job of a process that was killed in the middle of its turn', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 30 })
    const { id } = await start(world)
    await stepRedrives(world.db)
    await timePasses(world, 60)
    let looks = 0
    const killed = {
      get aborted() {
        return ++looks > 8
      },
    } as AbortSignal

    const given = await stepRedrives(world.db, killed)
    const left = await redriveProgress(world.db, id)
    const rest = await stepToEnd(world, id)

    expect(given).toBeGreaterThan(0)
    expect(given).toBeLessThan(29)
    expect(left).toMatchObject({ status: 'running', remaining: 29 - given })
    expect(rest).toBe(29 - given)
    expect(await redriven(world)).toHaveLength(30)
  })

  it('stops when too many of those it gave back fail again, and says so', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 20 })
    const { id } = await start(world, { mostFailures: 0.2, perSecond: 2 })
    for (let turn = 0; turn < 2; turn += 1) {
      await stepRedrives(world.db)
      await timePasses(world, 60)
    }
    const given = await redriven(world)
    expect(given).toHaveLength(10)

    await complete(world, given.slice(2))
    await fail(world, given.slice(0, 2))
    expect(await stepRedrives(world.db)).toBe(9)
    await fail(world, (await redriven(world)).slice(0, 1))
    await timePasses(world, 60)
    expect(await stepRedrives(world.db)).toBe(0)

    expect(await redriveProgress(world.db, id)).toMatchObject({
      status: 'stopped',
      stopReason: '3 of 11 jobs that have ended failed again, and at most 20 % may',
      redriven: 19,
      completed: 8,
      failedAgain: 3,
      underWay: 8,
      remaining: 1,
    })
  })

  it('does not give back what died after it began, so that a job that fails again is not tried for ever', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 2 })
    const { id } = await start(world)
    await stepRedrives(world.db)
    await fail(world, await redriven(world))

    await stepToEnd(world, id)

    expect(await redriveProgress(world.db, id)).toMatchObject({
      status: 'done',
      redriven: 2,
      failedAgain: 1,
      remaining: 0,
    })
  })

  it('passes over jobs that may not have a new life, and over those that have one already', async () => {
    await using world = await newWorld()
    const [taken, running, free] = await insertDeadJobs(world.db, { count: 3 })
    const [twin] = await insertDeadJobs(world.db, { count: 1, fingerprint: 'f2' })
    const set = (jobId: string | undefined, values: object) =>
      world.db
        .updateTable('processing_jobs')
        .set(values)
        .where('id', '=', jobId ?? '')
        .execute()
    const ownerId = randomUUID()
    await set(taken?.jobId, { unique_key: 'k', owner_id: ownerId })
    await set(twin?.jobId, { unique_key: 'k', owner_id: ownerId, status: 'running' })
    await set(running?.jobId, { status: 'running' })
    const { id } = await start(world, { fingerprint: 'f1' })

    expect(await stepToEnd(world, id)).toBe(1)

    expect(await redriven(world)).toEqual([free?.jobId])
    expect(await redriveProgress(world.db, id)).toMatchObject({
      status: 'done',
      redriven: 1,
      refused: 1,
      remaining: 0,
    })
    expect(await world.job(taken?.jobId ?? '')).toMatchObject({ status: 'failed' })
  })

  it('gives nothing back any more once a stop was answered', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 5 })
    const { id } = await start(world, { perSecond: 1 })
    await stepRedrives(world.db)

    await stopRedrive(world.db, id, 'grace')
    await timePasses(world, 60)

    expect(await stepRedrives(world.db)).toBe(0)
    expect(await redriveProgress(world.db, id)).toMatchObject({
      status: 'stopped',
      stopReason: 'stopped by grace',
      redriven: 1,
      remaining: 4,
    })
    await expect(stopRedrive(world.db, id, 'grace')).rejects.toMatchObject({ code: 'redrive-ended' })
    await expect(stopRedrive(world.db, randomUUID(), 'grace')).rejects.toMatchObject({
      code: 'redrive-not-found',
    })
    const audit = await world.db
      .selectFrom('audit_log')
      .select(['who', 'action', 'subject'])
      .orderBy('at')
      .execute()
    expect(audit).toEqual([
      { who: 'ada', action: 'redrive-started', subject: `redrive ${id}` },
      { who: 'grace', action: 'redrive-stopped', subject: `redrive ${id}` },
    ])
  })

  it('takes a step once it is told that a redrive runs, and no second one meanwhile', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 5 })
    const { id } = await start(world, { perSecond: 0.001 })
    const given = Promise.withResolvers<void>()
    const redriver = createRedriver({ db: world.db, log: world.log, dispatchSoon: given.resolve })

    redriver.stepSoon()
    redriver.stepSoon()
    await given.promise
    await timePasses(world, 1_000)
    redriver.stepSoon()
    await redriver.stop?.()
    redriver.stepSoon()

    expect(await redriveProgress(world.db, id)).toMatchObject({ status: 'running', redriven: 1 })
  })

  it('goes on by itself in the processes that work, and stops by itself where the fault is still there', async () => {
    await using world = await newWorld()
    await insertDeadJobs(world.db, { count: 200 })
    // The input of these jobs breaks their contract, so each fails at its first run.
    const refusing = defineWorker(TagJob, {
      run: () => Promise.reject(new FatalError('llm-refused', 'still no')),
      save: () => Promise.reject(new Error('nothing to save')),
    })
    const { id } = await start(world, { perSecond: 2, mostFailures: 0.1 })
    await using _ = await started(world, [refusing])

    await expect
      .poll(async () => (await redriveProgress(world.db, id)).status, { timeout: 60_000, interval: 200 })
      .toBe('stopped')

    const { redriven: given, remaining } = await redriveProgress(world.db, id)
    expect(given + remaining).toBe(200)
    expect(remaining).toBeGreaterThan(0)
  })
})

async function started(world: World, workers: Parameters<World['start']>[0]) {
  const process = await world.start(workers, undefined as never)
  return { [Symbol.asyncDispose]: () => process.stop() }
}
