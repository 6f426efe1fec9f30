import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { streamKey } from '@app/bus'
import { defineJob } from '@app/contracts'
import type { PlannedJob } from '@app/flows'
import { FatalError } from '@app/runtime'
import { onEachDatabase, realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { type Committed, committedByThisRun, completeJob } from './complete.ts'
import {
  cancelJob,
  defineWorker,
  handleDelivery,
  openDeadLetters,
  reconcile,
  redriveJob,
  type Worker,
} from './index.ts'
import type { Run } from './run.ts'

const anything = { input: z.object({ name: z.string() }), result: z.object({}), output: z.object({}) }
const SplitJob = defineJob('split', { queue: 'split', ...anything })
const PartJob = defineJob('part', { queue: 'part', ...anything })
const SharedJob = defineJob('shared', { queue: 'part', ...anything, unique: ({ name }) => name })
const AfterJob = defineJob('after', { queue: 'after', ...anything })
const jobs = [SplitJob, PartJob, SharedJob, AfterJob]

const ownerId = randomUUID()
const subjectId = randomUUID()

const planned = (type: string, name: string, dependsOn: readonly string[] = []): PlannedJob<string> => ({
  key: name,
  type,
  lane: 'normal',
  subjectKind: 'recording',
  subjectId,
  ownerId,
  input: { name },
  dependsOn,
})

/** By the name of the job that is split, what it is split into. */
type Plan = Record<string, readonly PlannedJob<string>[]>

const splitting = (plan: Plan): Worker<unknown> =>
  defineWorker(SplitJob, {
    run: async () => ({}),
    children: (job) => plan[job.input.name] ?? [],
  })

/** Does whatever comes; fails what `fail` names. */
const working = (
  type: typeof PartJob | typeof AfterJob | typeof SharedJob,
  fail: ReadonlySet<string> = new Set(),
): Worker<unknown> =>
  defineWorker(type as typeof PartJob, {
    async run({ input }) {
      if (fail.has(input.name)) throw new FatalError('part-broken', `${input.name} is broken`)
      return {}
    },
  })

/** A recording that is split in two, and what waits for it. */
const TWO_PARTS: Plan = { whole: [planned('part', 'one'), planned('part', 'two')] }
/** Split once more. */
const PARTS_OF_A_PART: Plan = {
  whole: [planned('split', 'half'), planned('part', 'other')],
  half: [planned('part', 'one'), planned('part', 'two')],
}
const RECORDING = [planned('split', 'whole'), planned('after', 'after', ['whole'])]

const job = async ({ db }: World, name: string) =>
  await db
    .selectFrom('processing_jobs')
    .selectAll()
    .where(sql<string>`input->>'name'`, '=', name)
    .executeTakeFirstOrThrow()

const idOf = async (world: World, name: string) => (await job(world, name)).id

async function statuses({ db }: World): Promise<Record<string, string>> {
  const rows = await db
    .selectFrom('processing_jobs')
    .select([sql<string>`input->>'name'`.as('name'), 'status'])
    .execute()
  return Object.fromEntries(rows.map(({ name, status }) => [name, status]))
}

/** As a claim does. */
async function setRunning(world: World, ...names: string[]): Promise<Run[]> {
  const { rows } = await sql<{ id: string; fence: number; name: string }>`
    update processing_jobs set status = 'running', started_at = now() where input->>'name' = any(${names}::text[])
    returning id, fence, input->>'name' as name`.execute(world.db)
  return names.map((name) => {
    const row = rows.find((one) => one.name === name)
    return { jobId: row?.id ?? '', fence: row?.fence ?? -1, subjectKind: 'recording', subjectId }
  })
}

const setStatus = (world: World, status: 'completed' | 'failed', ...names: string[]) =>
  sql`update processing_jobs set status = ${status} where input->>'name' = any(${names}::text[])`.execute(
    world.db,
  )

/** The recording with its parent split by a run, its parts queued. */
async function splitRecording(world: World, plan = TWO_PARTS): Promise<void> {
  await world.insert(RECORDING)
  await world.drain([splitting(plan)])
}

const complete = (world: World, run: Run | undefined) => {
  if (!run) throw new Error('no run')
  return completeJob(world.db, run, async () => ({}))
}

onEachDatabase((anyWorld) => {
  const newWorld = () => anyWorld({ jobs })

  it('lets a parent wait for its children and its dependants for it, until the last child completes it', async () => {
    await using world = await newWorld()
    await splitRecording(world)
    expect(await job(world, 'whole')).toMatchObject({ status: 'waiting', children_open: 2, output: {} })
    expect(await job(world, 'one')).toMatchObject({ status: 'queued', parent_id: await idOf(world, 'whole') })

    const [one] = await setRunning(world, 'one')
    expect(await complete(world, one)).toEqual({ waits: false, queued: false, parents: [] })
    expect(await statuses(world)).toEqual({
      whole: 'waiting',
      one: 'completed',
      two: 'queued',
      after: 'pending',
    })
    await world.drain([working(PartJob), working(AfterJob)])

    expect(await job(world, 'whole')).toMatchObject({ status: 'completed', children_open: 0, progress: 1 })
    expect(await job(world, 'after')).toMatchObject({ status: 'completed' })
  })

  it('runs children in the order of their own graph, with children of their own', async () => {
    await using world = await newWorld()
    const plan: Plan = {
      whole: [planned('split', 'half'), planned('part', 'stitch', ['half'])],
      half: [planned('part', 'one'), planned('part', 'two')],
    }
    await splitRecording(world, plan)
    expect(await statuses(world)).toMatchObject({ whole: 'waiting', half: 'waiting', stitch: 'pending' })

    await world.drain([working(PartJob), working(AfterJob)])

    expect(await statuses(world)).toEqual({
      whole: 'completed',
      half: 'completed',
      one: 'completed',
      two: 'completed',
      stitch: 'completed',
      after: 'completed',
    })
  })

  it('completes a parent of whom nothing is left to do at once', async () => {
    await using world = await newWorld()

    await splitRecording(world, {})

    expect(await job(world, 'whole')).toMatchObject({ status: 'completed', children_open: 0 })
    expect(await job(world, 'after')).toMatchObject({ status: 'queued' })
  })

  it('tells of the parents that its last child completes, and of those that a child fails', async () => {
    await using world = await newWorld()
    await world.insert(RECORDING)
    const told: string[] = []
    const shell = world.shell()
    shell.publishEvent = async (event) => told.push(`${event.jobType} ${event.type}`)
    const handleAll = async (queue: string, worker: Worker<unknown>) => {
      await world.dispatch()
      await world.bus.ensureGroups(queue)
      const stream = streamKey(world.bus.prefix, queue, 'normal')
      for (const delivery of await world.bus.readNew(stream, shell.workerId, 10))
        await handleDelivery(shell, worker, undefined, delivery)
    }

    await handleAll('split', splitting(TWO_PARTS))
    await handleAll('part', working(PartJob, new Set(['one'])))
    await redriveJob(world.db, await idOf(world, 'one'), 'an admin')
    await handleAll('part', working(PartJob))

    expect(told.filter((line) => !line.includes('started'))).toEqual([
      'split job.waiting.v1',
      'part job.failed.v1',
      'split job.failed.v1',
      'part job.completed.v1',
      'part job.completed.v1',
      'split job.completed.v1',
    ])
  })

  it('completes a parent once when its last two children complete together', async () => {
    await using world = await newWorld()
    await splitRecording(world)
    const [one, two] = await setRunning(world, 'one', 'two')

    const committed = await Promise.all([complete(world, one), complete(world, two)])

    expect(committed.flatMap(({ parents }) => parents.map(({ type }) => type))).toEqual(['split'])
    expect(await job(world, 'whole')).toMatchObject({ status: 'completed', children_open: 0 })
    expect(await job(world, 'after')).toMatchObject({ status: 'queued', waiting_on: 0 })
  })

  it('completes a parent once when its last two children complete in one batch', async () => {
    await using world = await newWorld()
    await splitRecording(world)
    const [one, two] = await setRunning(world, 'one', 'two')
    if (!one || !two) throw new Error('no runs')
    const shell = world.shell()

    const committed = await Promise.all([
      shell.complete({ run: one, output: {} }),
      shell.complete({ run: two, output: {} }),
    ])

    expect(committed.flatMap((it) => it?.parents.map(({ type }) => type))).toEqual(['split'])
    expect(await statuses(world)).toMatchObject({ whole: 'completed', after: 'queued' })
  })

  it('undoes the children with the completion when saving fails', async () => {
    await using world = await newWorld()
    await world.insert(RECORDING)
    const [whole] = await setRunning(world, 'whole')
    const children = { planned: TWO_PARTS.whole ?? [], definitions: world.definitions }
    const failing = completeJob(
      world.db,
      whole as Run,
      () => Promise.reject(new Error('a full disk')),
      children,
    )

    await expect(failing).rejects.toThrow('a full disk')

    expect(await statuses(world)).toEqual({ whole: 'running', after: 'pending' })
  })

  it('knows a commit that inserted children for its own, whatever became of them, and inserts them once', async () => {
    await using world = await newWorld()
    await world.insert(RECORDING)
    const [whole] = (await setRunning(world, 'whole')) as [Run]
    const children = { planned: TWO_PARTS.whole ?? [], definitions: world.definitions }
    expect(await committedByThisRun(world.db, whole)).toBeUndefined()
    await completeJob(world.db, whole, async () => ({}), children)

    expect(await committedByThisRun(world.db, whole)).toMatchObject({ waits: true })
    await expect(completeJob(world.db, whole, async () => ({}), children)).rejects.toMatchObject({
      code: 'job-fence-lost',
    })
    await world.drain([working(PartJob, new Set(['one']))])
    expect(await job(world, 'whole')).toMatchObject({ status: 'failed' })
    expect(await committedByThisRun(world.db, whole)).toMatchObject({ waits: true })
    await redriveJob(world.db, await idOf(world, 'one'), 'an admin')
    await world.drain([working(PartJob)])
    expect(await committedByThisRun(world.db, whole)).toMatchObject({ waits: false })
    expect(await committedByThisRun(world.db, { ...whole, fence: 1 })).toBeUndefined()
    expect(Object.keys(await statuses(world))).toHaveLength(4)
  })

  it('completes a parent whose last child was taken over from a dead worker, and not by the dead one', async () => {
    await using world = await newWorld()
    await splitRecording(world, { whole: [planned('part', 'one')] })
    await world.dispatch()
    await world.bus.ensureGroups('part')
    const stream = streamKey(world.bus.prefix, 'part', 'normal')
    const [dead, next] = [world.shell('dead'), world.shell('next')]
    const [delivery] = await world.bus.readNew(stream, dead.workerId, 1)
    const held = Promise.withResolvers<Record<string, never>>()
    const begun = Promise.withResolvers<void>()
    const slow = defineWorker(PartJob, {
      run: () => {
        begun.resolve()
        return held.promise
      },
    })
    if (!delivery) throw new Error('nothing was delivered')
    const first = handleDelivery(dead, slow, undefined, delivery)
    await begun.promise
    await world.expireLeases('part')
    const [again] = await world.bus.takeOver(stream, next.workerId, 1, 12_000)
    if (!again) throw new Error('nothing to take over')
    const [nextHeld, nextBegun] = [
      Promise.withResolvers<Record<string, never>>(),
      Promise.withResolvers<void>(),
    ]
    const second = handleDelivery(
      next,
      defineWorker(PartJob, {
        run: () => {
          nextBegun.resolve()
          return nextHeld.promise
        },
      }),
      undefined,
      again,
    )
    await nextBegun.promise

    held.resolve({})
    await first
    expect(dead.zombies).toHaveLength(1)
    expect(await job(world, 'whole')).toMatchObject({ status: 'waiting', children_open: 1 })
    nextHeld.resolve({})
    await second

    expect(await statuses(world)).toEqual({ whole: 'completed', one: 'completed', after: 'queued' })
  })

  it('fails a parent and its own with the child that fails, with its reason, and lets the others go on', async () => {
    await using world = await newWorld()
    await splitRecording(world, PARTS_OF_A_PART)

    await world.drain([working(PartJob, new Set(['one'])), working(AfterJob)])

    expect(await statuses(world)).toEqual({
      whole: 'failed',
      half: 'failed',
      one: 'failed',
      two: 'completed',
      other: 'completed',
      after: 'pending',
    })
    const reason = {
      error_code: 'child-failed',
      error_message: `part ${await idOf(world, 'one')} failed: part-broken: one is broken`,
    }
    expect(await job(world, 'half')).toMatchObject(reason)
    expect(await job(world, 'whole')).toMatchObject(reason)
    // One thing went wrong, so there is one letter.
    expect(await openDeadLetters(world.db)).toMatchObject([{ jobType: 'part', errorCode: 'part-broken' }])
  })

  it('takes parents back to waiting when the child that failed is redriven, and goes on from there', async () => {
    await using world = await newWorld()
    await splitRecording(world, PARTS_OF_A_PART)
    await world.drain([working(PartJob, new Set(['one']))])

    await redriveJob(world.db, await idOf(world, 'one'), 'an admin')
    expect(await job(world, 'half')).toMatchObject({
      status: 'waiting',
      children_open: 1,
      error_code: null,
      error_message: null,
    })
    expect(await job(world, 'whole')).toMatchObject({ status: 'waiting', children_open: 1 })
    await world.drain([working(PartJob), working(AfterJob)])

    expect(new Set(Object.values(await statuses(world)))).toEqual(new Set(['completed']))
    expect(await openDeadLetters(world.db)).toEqual([])
  })

  it('keeps a parent failed, naming the other, while another of its children has failed', async () => {
    await using world = await newWorld()
    await splitRecording(world)
    await world.drain([working(PartJob, new Set(['one', 'two']))])

    await redriveJob(world.db, await idOf(world, 'one'), 'an admin')
    expect(await job(world, 'whole')).toMatchObject({
      status: 'failed',
      error_message: `part ${await idOf(world, 'two')} failed: part-broken: two is broken`,
    })
    await world.drain([working(PartJob)])
    expect(await statuses(world)).toMatchObject({ whole: 'failed', one: 'completed', two: 'failed' })
    await redriveJob(world.db, await idOf(world, 'two'), 'an admin')
    await world.drain([working(PartJob)])

    expect(await statuses(world)).toMatchObject({ whole: 'completed', after: 'queued' })
  })

  it('redrives of a parent the children that failed or were cancelled, however deep, and not the parent', async () => {
    await using world = await newWorld()
    const plan: Plan = {
      whole: [planned('split', 'half'), planned('part', 'other'), planned('part', 'late', ['half'])],
      half: [planned('part', 'one'), planned('part', 'two')],
    }
    await splitRecording(world, plan)
    await world.drain([working(PartJob, new Set(['one']))])
    await cancelJob(world, await idOf(world, 'late'), 'an admin')
    expect(await statuses(world)).toEqual({
      whole: 'failed',
      half: 'failed',
      one: 'failed',
      two: 'completed',
      other: 'completed',
      late: 'cancelled',
      after: 'pending',
    })

    await redriveJob(world.db, await idOf(world, 'whole'), 'an admin')

    expect(await statuses(world)).toEqual({
      whole: 'waiting',
      half: 'waiting',
      one: 'queued',
      two: 'completed',
      other: 'completed',
      late: 'pending',
      after: 'pending',
    })
    expect(await job(world, 'whole')).toMatchObject({ children_open: 2 })
    expect(await openDeadLetters(world.db)).toEqual([])
    const runs: string[] = []
    const counting = defineWorker(SplitJob, {
      async run({ input }) {
        runs.push(input.name)
        return {}
      },
    })
    await world.drain([counting, working(PartJob), working(AfterJob)])
    expect(new Set(Object.values(await statuses(world)))).toEqual(new Set(['completed']))
    expect(runs).toEqual([])
  })

  it('cancels with a parent all of its descendants that are open, and announces them', async () => {
    await using world = await newWorld()
    const plan: Plan = {
      whole: [planned('split', 'half'), planned('part', 'done'), planned('part', 'late', ['half'])],
      half: [planned('part', 'one')],
    }
    await splitRecording(world, plan)
    const [done] = await setRunning(world, 'done')
    await complete(world, done)
    const announced: string[] = []
    const bus = {
      ...world.bus,
      announceCancelled: async (ids: readonly string[]) => {
        announced.push(...ids)
      },
    }

    await cancelJob({ db: world.db, bus }, await idOf(world, 'whole'), 'an admin')

    expect(await statuses(world)).toEqual({
      whole: 'cancelled',
      half: 'cancelled',
      one: 'cancelled',
      late: 'cancelled',
      done: 'completed',
      after: 'pending',
    })
    const ids = await Promise.all(['whole', 'half', 'one', 'late'].map((name) => idOf(world, name)))
    expect(new Set(announced)).toEqual(new Set(ids))
    const child = redriveJob(world.db, await idOf(world, 'one'), 'an admin')
    await expect(child).rejects.toMatchObject({ code: 'job-wrong-state' })

    await redriveJob(world.db, await idOf(world, 'whole'), 'an admin')
    await world.drain([working(PartJob), working(AfterJob)])
    expect(new Set(Object.values(await statuses(world)))).toEqual(new Set(['completed']))
  })

  it('fires the signal of a running child when its parent is cancelled, and writes nothing of it', async () => {
    await using world = await newWorld()
    await splitRecording(world, { whole: [planned('part', 'one')] })
    const begun = Promise.withResolvers<void>()
    const held = defineWorker(PartJob, {
      async run(_job, _deps, { signal }) {
        begun.resolve()
        await once(signal, 'abort')
        return {}
      },
    })
    const process = await world.start([held], undefined)
    await begun.promise

    await cancelJob(world, await idOf(world, 'whole'), 'an admin')
    await process.stop()

    expect(await statuses(world)).toEqual({ whole: 'cancelled', one: 'cancelled', after: 'pending' })
    expect(await world.bus.depth('part')).toBe(0)
  })

  it('fails a parent whose child is cancelled, and takes it back when that is redriven', async () => {
    await using world = await newWorld()
    await splitRecording(world)
    const one = await idOf(world, 'one')

    await cancelJob(world, one, 'an admin')

    expect(await job(world, 'whole')).toMatchObject({
      status: 'failed',
      error_code: 'child-cancelled',
      error_message: `part ${one} was cancelled`,
    })
    await redriveJob(world.db, one, 'an admin')
    await world.drain([working(PartJob)])
    expect(await statuses(world)).toMatchObject({ whole: 'completed', after: 'queued' })
  })

  it('leaves parent and last child both completed or both cancelled when they are at once', async () => {
    await using world = await newWorld()
    await splitRecording(world, { whole: [planned('part', 'one')] })
    const [one] = await setRunning(world, 'one')
    const whole = await idOf(world, 'whole')

    await Promise.allSettled([complete(world, one), cancelJob(world, whole, 'an admin')])

    const { whole: parent, one: child, after } = await statuses(world)
    expect(['completed', 'cancelled']).toContain(parent)
    expect(child).toBe(parent)
    expect(after).toBe(parent === 'completed' ? 'queued' : 'pending')
  })

  it("waits for a unique child that is somebody else's already, and ends as that does", async () => {
    await using world = await newWorld()
    await world.insert([planned('shared', 'common')])
    await splitRecording(world, { whole: [planned('shared', 'common'), planned('part', 'one')] })
    const common = await job(world, 'common')
    expect(common.parent_id).toBeNull()
    expect(await job(world, 'whole')).toMatchObject({ status: 'waiting', children_open: 1, waiting_on: 1 })

    const [one] = await setRunning(world, 'one')
    await complete(world, one)
    expect(await statuses(world)).toMatchObject({ whole: 'waiting' })
    await world.drain([working(SharedJob, new Set(['common']))])
    expect(await job(world, 'whole')).toMatchObject({
      status: 'failed',
      error_message: `shared ${common.id} failed: part-broken: common is broken`,
    })
    const parent = redriveJob(world.db, await idOf(world, 'whole'), 'an admin')
    await expect(parent).rejects.toThrow(`it also waits for job ${common.id}`)
    await redriveJob(world.db, common.id, 'an admin')
    expect(await statuses(world)).toMatchObject({ whole: 'waiting', common: 'queued' })
    await world.drain([working(SharedJob)])

    expect(await statuses(world)).toMatchObject({ whole: 'completed', after: 'queued' })
  })

  it('refuses a child that waits for its own parent', async () => {
    await using world = await newWorld()
    await world.insert([planned('split', 'whole'), planned('shared', 'common', ['whole'])])

    await world.drain([splitting({ whole: [planned('shared', 'common')] })])

    expect(await job(world, 'whole')).toMatchObject({ status: 'failed', error_code: 'flow-broken' })
    expect(await statuses(world)).toEqual({ whole: 'failed', common: 'pending' })
  })

  it('makes a parent of an unknown type of children a dead letter', async () => {
    await using world = await newWorld()

    await splitRecording(world, { whole: [planned('nobody-knows', 'one')] })

    expect(await job(world, 'whole')).toMatchObject({ status: 'failed', error_code: 'job-type-unknown' })
  })

  it('reconciles parents that wait though all their children have ended', async () => {
    await using world = await newWorld()
    const plan: Plan = {
      whole: [planned('split', 'half'), planned('part', 'other')],
      half: [planned('part', 'one')],
    }
    await splitRecording(world, plan)
    expect(await reconcile(world.db, world.bus)).toMatchObject({ parentsSettled: 0 })

    await setStatus(world, 'completed', 'one', 'other')
    expect(await reconcile(world.db, world.bus)).toMatchObject({ parentsSettled: 1 })

    expect(await statuses(world)).toMatchObject({ half: 'completed', whole: 'waiting' })
    expect(await reconcile(world.db, world.bus)).toMatchObject({ parentsSettled: 1 })
    expect(await statuses(world)).toMatchObject({ whole: 'completed', after: 'queued' })
    expect(await reconcile(world.db, world.bus)).toMatchObject({ parentsSettled: 0 })
  })

  it('reconciles a parent that waits though a child has failed', async () => {
    await using world = await newWorld()
    await splitRecording(world)

    await setStatus(world, 'failed', 'one')

    expect(await reconcile(world.db, world.bus)).toMatchObject({ parentsSettled: 1 })
    expect(await job(world, 'whole')).toMatchObject({ status: 'failed', error_code: 'child-failed' })
  })
})

// PGlite runs one transaction at a time: there nothing can meet.
it.skipIf(!realPostgres())(
  'completes a parent once when both of its last children were completed before either counted itself off',
  async () => {
    await using world = await testWorld({ jobs })
    await splitRecording(world)
    const [one, two] = (await setRunning(world, 'one', 'two')) as [Run, Run]
    const whole = await idOf(world, 'whole')
    let committing: Promise<Committed[]> = Promise.resolve([])

    // Held back until both have come to count themselves off, and neither has seen the other.
    await world.db.transaction().execute(async (trx) => {
      await trx.selectFrom('processing_jobs').select('id').where('id', '=', whole).forNoKeyUpdate().execute()
      const nothing = async () => ({})
      committing = Promise.all([completeJob(world.db, one, nothing), completeJob(world.db, two, nothing)])
      await waitForALock(world, 2)
    })
    const committed = await committing

    expect(committed.flatMap(({ parents }) => parents.map(({ type }) => type))).toEqual(['split'])
    expect(await job(world, 'whole')).toMatchObject({ status: 'completed', children_open: 0 })
    expect(await job(world, 'after')).toMatchObject({ status: 'queued', waiting_on: 0 })
  },
)

it.skipIf(!realPostgres())('lets the last two children complete together without a deadlock', async () => {
  await using world = await testWorld({ jobs })
  await splitRecording(world)
  const runs = (await setRunning(world, 'one', 'two')) as [Run, Run]
  const met = Promise.withResolvers<void>()
  let saves = 0

  await Promise.all(
    runs.map((run) =>
      completeJob(world.db, run, async () => {
        saves += 1
        if (saves === 2) met.resolve()
        await met.promise
      }),
    ),
  )

  // A deadlock would have undone one of them, and saved it once more.
  expect(saves).toBe(2)
  expect(await statuses(world)).toMatchObject({ whole: 'completed', after: 'queued' })
})

it.skipIf(!realPostgres())(
  'counts a child right that completes while the one that failed is redriven',
  async () => {
    await using world = await testWorld({ jobs })
    await splitRecording(world)
    const [two] = (await setRunning(world, 'two')) as [Run]
    await world.drain([working(PartJob, new Set(['one']))])
    const one = await idOf(world, 'one')

    await completeJob(world.db, two, () => redriveJob(world.db, one, 'an admin'))

    expect(await job(world, 'whole')).toMatchObject({ status: 'waiting', children_open: 1 })
    await world.drain([working(PartJob)])
    expect(await statuses(world)).toMatchObject({ whole: 'completed', after: 'queued' })
  },
)

it.skipIf(!realPostgres())(
  'cancels the children of a parent that came to have them while its cancelling waited',
  async () => {
    await using world = await testWorld({ jobs })
    await world.insert(RECORDING)
    const [whole] = (await setRunning(world, 'whole')) as [Run]
    const children = { planned: TWO_PARTS.whole ?? [], definitions: world.definitions }
    let cancelling: Promise<unknown> = Promise.resolve()

    await completeJob(
      world.db,
      whole,
      async () => {
        cancelling = cancelJob(world, whole.jobId, 'an admin')
        await Promise.race([cancelling, waitForALock(world)])
      },
      children,
    )
    await cancelling

    expect(await statuses(world)).toEqual({
      whole: 'cancelled',
      one: 'cancelled',
      two: 'cancelled',
      after: 'pending',
    })
  },
)

async function waitForALock({ db }: World, most = 1): Promise<void> {
  for (let waiting = 0; waiting < most; await setTimeout(5)) {
    const { rows } = await sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
    waiting = rows.length
  }
}
