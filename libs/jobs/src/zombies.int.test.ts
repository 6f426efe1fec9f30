import { randomUUID } from 'node:crypto'
import { streamKey } from '@app/bus'
import { defineJob } from '@app/contracts'
import { FatalError, RetryLaterError } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { activeRun } from './active-runs.ts'
import { takeOverJob } from './claim.ts'
import { cancelJob, defineWorker, handleDelivery, type RunContext, type Worker } from './index.ts'

const nothing = z.object({})
const Noop = defineJob('noop', { queue: 'noop', input: nothing, result: nothing, output: nothing })

/** A job that was inserted alone, and its ticket as delivered to this world's slow worker. */
async function deliveredJob(world: World) {
  const own = { lane: 'normal' as const, subjectKind: 'none', subjectId: randomUUID(), ownerId: randomUUID() }
  const { ids } = await world.insert([{ ...own, key: 'one', type: 'noop', input: {}, dependsOn: [] }])
  const shell = world.shell('slow')
  await world.dispatch()
  await world.bus.ensureGroups('noop')
  const [delivery] = await world.bus.readNew(streamKey(world.bus.prefix, 'noop', 'normal'), shell.workerId, 1)
  if (!delivery) throw new Error('nothing was delivered')
  return { id: ids.get('one') ?? '', shell, delivery }
}

type Begun = (context: RunContext) => Promise<void>

/** A worker with rows of its own to save, or none. */
const working = (begun: Begun, save?: () => Promise<Record<string, never>>): Worker<undefined> =>
  defineWorker(Noop, {
    async run(_job, _deps, context) {
      await begun(context)
      return {}
    },
    ...(save ? { save } : {}),
  })

const failingWith =
  (error: Error): Begun =>
  async () =>
    Promise.reject(error)
let saves = 0
const saving = async () => {
  saves += 1
  return {}
}

type End = [how: string, Begun, save?: () => Promise<Record<string, never>>]
const ENDS: readonly End[] = [
  ['completes', async () => {}],
  ['completes with rows of its own', async () => {}, saving],
  ['fails', failingWith(new Error('no'))],
  ['fails for good', failingWith(new FatalError('refused', 'no'))],
  ['is put off', failingWith(new RetryLaterError('busy', 'no', { retryAfterMs: 1 }))],
]

it.each<End>(ENDS)(
  'row 6: writes nothing of a run that %s while another has its job',
  async (_, end, save) => {
    await using world = await testWorld({ jobs: [Noop] })
    const { id, shell, delivery } = await deliveredJob(world)
    saves = 0
    let others: unknown
    const worker = working(async (context) => {
      // The other one is still at it: the row is running, though not for this run.
      await takeOverJob(world.db, id, { workerId: 'other', entryId: delivery.entryId })
      others = await world.job(id)
      await end(context)
    }, save)

    await handleDelivery(shell, worker, undefined, delivery)

    expect(others).toMatchObject({ status: 'running', worker_id: 'other', fence: 1 })
    expect(await world.job(id)).toEqual(others)
    expect(shell.zombies).toEqual([id])
    expect(saves).toBe(0)
  },
)

it.each<End>(ENDS)('writes nothing of a run that %s after its job was cancelled', async (_, end, save) => {
  await using world = await testWorld({ jobs: [Noop] })
  const { id, shell, delivery } = await deliveredJob(world)
  saves = 0
  let cancelled: unknown
  const worker = working(async (context) => {
    // The hint is lost: the run goes on as if nothing had happened.
    await cancelJob(world, id, 'an admin')
    cancelled = await world.job(id)
    await end(context)
  }, save)

  await handleDelivery(shell, worker, undefined, delivery)

  expect(cancelled).toMatchObject({ status: 'cancelled', fence: 1 })
  expect(await world.job(id)).toEqual(cancelled)
  expect(saves).toBe(0)
})

it('row 6: hands nothing back of a run that is stopped while another has its job', async () => {
  await using world = await testWorld({ jobs: [Noop] })
  const { id, shell, delivery } = await deliveredJob(world)
  const run = activeRun(delivery)
  const worker = working(async ({ signal }) => {
    await takeOverJob(world.db, id, { workerId: 'other', entryId: delivery.entryId })
    shell.active.abort(run, 'shutdown', 'the process is stopping')
    signal.throwIfAborted()
  })

  await handleDelivery(shell, worker, undefined, delivery, run)

  expect(await world.job(id)).toMatchObject({
    status: 'running',
    worker_id: 'other',
    fence: 1,
    hand_backs: 0,
  })
})

it('row 6: reports no progress of a run while another has its job, and tells it', async () => {
  await using world = await testWorld({ jobs: [Noop] })
  const { id, shell, delivery } = await deliveredJob(world)
  let told: unknown
  const worker = working(async ({ report, signal }) => {
    await takeOverJob(world.db, id, { workerId: 'other', entryId: delivery.entryId })
    report(0.5, 'halfway')
    await expect
      .poll(async () => signal.aborted || (await world.job(id)).progress > 0, { timeout: 20_000 })
      .toBe(true)
    told = signal.reason
  })

  await handleDelivery(shell, worker, undefined, delivery)

  expect(told).toMatchObject({ abortCause: 'lost' })
  expect(await world.job(id)).toMatchObject({ status: 'running', progress: 0, stage: null })
})

it('row 6: runs a job alone only for whoever has it', async () => {
  await using world = await testWorld({ jobs: [Noop] })
  const { id, shell, delivery } = await deliveredJob(world)
  await world.db.updateTable('processing_jobs').set({ crashes: 1 }).where('id', '=', id).execute()
  // It waits until it is alone; meanwhile another takes its job.
  const leave = shell.gate.enter()
  let ran = false
  const handling = handleDelivery(
    shell,
    working(async () => {
      ran = true
    }),
    undefined,
    delivery,
  )
  await expect.poll(() => shell.gate.isOpen()).toBe(false)
  await takeOverJob(world.db, id, { workerId: 'other', entryId: delivery.entryId })
  leave?.()

  await handling

  expect(ran).toBe(false)
  expect(await world.job(id)).toMatchObject({ status: 'running', worker_id: 'other', alone: false })
  expect(shell.zombies).toEqual([id])
})
