import { setTimeout } from 'node:timers/promises'
import { streamKey } from '@app/bus'
import { defineJob } from '@app/contracts'
import { RetryLaterError } from '@app/runtime'
import { insertOneJob, onEachDatabase, realPostgres, testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { claimJob, takeOverJob } from './claim.ts'
import { cancelJob, defineWorker, handleDelivery, type RunContext, redriveJob, type Worker } from './index.ts'
import { createSteps } from './steps.ts'

const FetchJob = defineJob('fetch', {
  queue: 'fetch',
  input: z.object({}),
  result: z.object({ value: z.unknown() }),
  output: z.object({ value: z.unknown() }),
  // No retry falls due within a test.
  firstRetryMs: 2 ** 40,
  mostRetryMs: 2 ** 40,
})

/** A worker that gives what `work` gives. */
const fetching = (work: (context: RunContext) => Promise<unknown>): Worker<unknown> =>
  defineWorker(FetchJob, { run: async (_job, _deps, context) => ({ value: await work(context) }) })

const makeDue = (world: World, id: string) =>
  world.db
    .updateTable('processing_jobs')
    .set({ run_at: new Date(0) })
    .where('id', '=', id)
    .execute()

const keptSteps = async (world: World) =>
  (await world.db.selectFrom('job_steps').select('key').orderBy('key').execute()).map(({ key }) => key)

/** Delivers and claims the one job, as a process would that is then killed. */
async function claimByHand(world: World, worker = 'dead') {
  const shell = world.shell(worker)
  await world.dispatch()
  await world.bus.ensureGroups('fetch')
  const stream = streamKey(world.bus.prefix, 'fetch', 'normal')
  const [delivery] = await world.bus.readNew(stream, shell.workerId, 1)
  if (!delivery) throw new Error('nothing was delivered')
  const { entryId, ticket } = delivery
  const row = await claimJob(world.db, JSON.parse(ticket), { workerId: shell.workerId, entryId })
  if (!row) throw new Error('nothing was claimed')
  const run = { jobId: row.id, fence: row.fence }
  const lost: string[] = []
  const step = createSteps({
    db: world.db,
    run,
    signal: new AbortController().signal,
    onLost: () => lost.push(row.id),
  })
  return { step, lost, run, stream, entryId }
}

onEachDatabase((anyWorld) => {
  const newWorld = () => anyWorld({ jobs: [FetchJob] })

  it('goes on after the last finished step when a run failed, was put off, handed back and redriven', async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    const calls: string[] = []
    /** Takes as many steps as there were runs, then ends as `end` does. */
    const steps = (count: number, end: () => unknown) =>
      fetching(async ({ step }) => {
        const values: number[] = []
        for (let number = 1; number <= count; number += 1) {
          values.push(await step(`step ${number}`, () => calls.push(`step ${number}`)))
        }
        return (await end()) ?? values
      })
    const fail = (error: Error) => () => Promise.reject(error)

    await world.drain([steps(1, fail(new Error('no')))])
    await makeDue(world, id)
    await world.drain([steps(2, fail(new RetryLaterError('busy', 'later', { retryAfterMs: 3_600_000 })))])
    await makeDue(world, id)
    const begun = Promise.withResolvers<void>()
    const held = steps(3, () => {
      begun.resolve()
      return new Promise(() => {})
    })
    const leaving = await world.start([held], undefined)
    await begun.promise
    await leaving.stop()
    expect(await world.job(id)).toMatchObject({ status: 'queued', attempts: 1, snoozes: 1, hand_backs: 1 })
    await world.db.updateTable('processing_jobs').set({ max_attempts: 2 }).where('id', '=', id).execute()
    await world.drain([steps(4, fail(new Error('no')))])
    expect(await world.job(id)).toMatchObject({ status: 'failed' })
    await redriveJob(world.db, id, 'an admin')
    await world.drain([steps(5, () => undefined)])

    expect(calls).toEqual(['step 1', 'step 2', 'step 3', 'step 4', 'step 5'])
    expect(await world.job(id)).toMatchObject({ status: 'completed', output: { value: [1, 2, 3, 4, 5] } })
  })

  it('goes on after the last finished step of a process that was killed', async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    const { step, stream } = await claimByHand(world)
    await step('submit', () => ({ remoteId: 'r-1' }))
    await world.expireLeases('fetch')
    const next = world.shell('next')
    const [again] = await world.bus.takeOver(stream, next.workerId, 1, 12_000)
    if (!again) throw new Error('nothing to take over')

    const worker = fetching((context) =>
      context.step('submit', () => Promise.reject(new Error('sent twice'))),
    )
    await handleDelivery(next, worker, undefined, again)

    expect(await world.job(id)).toMatchObject({
      status: 'completed',
      crashes: 1,
      output: { value: { remoteId: 'r-1' } },
    })
  })

  it('keeps nothing for a run that was taken over, and tells it', async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    const zombie = await claimByHand(world)
    await takeOverJob(world.db, id, { workerId: 'other', entryId: zombie.entryId })

    await expect(zombie.step('late', () => 1)).rejects.toMatchObject({ code: 'job-fence-lost' })

    expect(zombie.lost).toEqual([id])
    expect(await keptSteps(world)).toEqual([])
  })

  it('ends a run as a zombie that loses its job between two steps', async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    const shell = world.shell('slow')
    await world.dispatch()
    await world.bus.ensureGroups('fetch')
    const [delivery] = await world.bus.readNew(
      streamKey(world.bus.prefix, 'fetch', 'normal'),
      shell.workerId,
      1,
    )
    if (!delivery) throw new Error('nothing was delivered')
    let fired = false
    const worker = fetching(async ({ step, signal }) => {
      await step('one', () => 1)
      await takeOverJob(world.db, id, { workerId: 'other', entryId: delivery.entryId })
      // Whoever swallows the error still finds the signal fired, and can commit nothing.
      await step('two', () => 2).catch(() => {})
      fired = signal.aborted
    })

    await handleDelivery(shell, worker, undefined, delivery)

    expect(fired).toBe(true)
    expect(shell.zombies).toEqual([id])
    expect(await world.job(id)).toMatchObject({ status: 'running', worker_id: 'other', fence: 1 })
    expect(await keptSteps(world)).toEqual(['one'])
  })

  it('keeps no step of a run whose job was cancelled', async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    const { step } = await claimByHand(world)
    await cancelJob(world, id, 'an admin')

    await expect(step('late', () => 1)).rejects.toMatchObject({ code: 'job-fence-lost' })
  })

  it('does different steps at once, and one step once', async () => {
    await using world = await newWorld()
    await insertOneJob(world, 'fetch')
    const { step } = await claimByHand(world)
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
    let calls = 0
    const slow = () => {
      calls += 1
      return first.promise
    }

    const all = Promise.all([step('a', slow), step('a', slow), step('b', () => second.promise)])
    second.resolve('second')
    expect(await step('b', () => 'never')).toBe('second')
    first.resolve('first')

    expect(await all).toEqual(['first', 'first', 'second'])
    expect(calls).toBe(1)
    expect(await keptSteps(world)).toEqual(['a', 'b'])
  })

  it('keeps a step once though the answer to that was lost', async () => {
    await using world = await newWorld()
    await insertOneJob(world, 'fetch')
    const { run } = await claimByHand(world)
    const context = { db: world.db, run, signal: new AbortController().signal, onLost: () => {} }
    const [first, again] = [createSteps(context), createSteps(context)]
    const begun = Promise.withResolvers<void>()
    const end = Promise.withResolvers<string>()
    const held = again('submit', () => {
      begun.resolve()
      return end.promise
    })
    await begun.promise
    await first('submit', () => 'r-1')

    end.resolve('r-1')

    expect(await held).toBe('r-1')
    expect(await keptSteps(world)).toEqual(['submit'])
  })

  it('tries a step again that failed', async () => {
    await using world = await newWorld()
    await insertOneJob(world, 'fetch')
    const { step } = await claimByHand(world)

    await expect(step('submit', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')

    expect(await step('submit', () => 'accepted')).toBe('accepted')
  })

  it('gives the first run what a later one will get: the value as JSON makes it', async () => {
    await using world = await newWorld()
    await insertOneJob(world, 'fetch')
    const { step, run } = await claimByHand(world)
    const value = { at: new Date(0), left: undefined, list: [1.5, null, 'é\u{1F600}'] }
    const kept = { at: '1970-01-01T00:00:00.000Z', list: [1.5, null, 'é\u{1F600}'] }

    expect(await step('value', () => value)).toEqual(kept)
    expect(await step('nothing', () => undefined)).toBeNull()

    const later = createSteps({
      db: world.db,
      run,
      signal: new AbortController().signal,
      onLost: () => {},
    })
    const never = () => Promise.reject(new Error('called again'))
    expect(await later('value', never)).toEqual(kept)
    expect(await later('nothing', never)).toBeNull()
  })

  it.each([
    ['step-value-too-large', 'key', 'x'.repeat(256 * 1024)],
    ['step-value-not-json', 'key', 1n],
    ['step-value-not-json', 'key', () => {}],
    ['step-value-not-json', 'key', 'a NUL \0 inside'],
    ['step-value-not-json', 'key', 'half a pair \ud800'],
    ['step-key-invalid', '', 1],
    ['step-key-invalid', 'x'.repeat(201), 1],
  ])('refuses with %s', async (code, key, value) => {
    await using world = await newWorld()
    await insertOneJob(world, 'fetch')
    const { step } = await claimByHand(world)

    await expect(step(key, () => value)).rejects.toMatchObject({ name: 'FatalError', code })

    expect(await keptSteps(world)).toEqual([])
  })

  it.each([
    ['in a transaction of its own', true],
    ['together with others', false],
  ])('forgets the steps of a job that is completed %s', async (_, hasRows) => {
    await using world = await newWorld()
    await insertOneJob(world, 'fetch')
    const seen: string[][] = []
    const body = async ({ step }: RunContext) => {
      await step('one', () => 1)
      seen.push(await keptSteps(world))
      return { value: 1 }
    }
    const run = (_job: unknown, _deps: unknown, context: RunContext) => body(context)

    await world.drain([defineWorker(FetchJob, hasRows ? { run, save: async () => ({ value: 1 }) } : { run })])

    expect(seen).toEqual([['one']])
    expect(await keptSteps(world)).toEqual([])
  })
})

// PGlite runs one statement at a time: there nothing can come in between.
it.skipIf(!realPostgres())('lets nobody take a job over while a step of it is written', async () => {
  await using world = await testWorld({ jobs: [FetchJob] })
  const id = await insertOneJob(world, 'fetch')
  const { step, entryId } = await claimByHand(world)
  const kept: string[][] = []
  let keeping: Promise<unknown> = Promise.resolve()

  await world.db.transaction().execute(async (trx) => {
    // As a take-over does that is just about to commit.
    await trx
      .updateTable('processing_jobs')
      .set({ fence: 1, worker_id: 'other', entry_id: entryId })
      .where('id', '=', id)
      .execute()
    keeping = step('late', () => 1).catch((error) => error.code)
    await Promise.race([keeping, someoneWaitsForALock(world)])
    kept.push(await keptSteps(world))
  })

  expect(await keeping).toBe('job-fence-lost')
  expect(kept).toEqual([[]])
  expect(await keptSteps(world)).toEqual([])
})

async function someoneWaitsForALock({ db }: World): Promise<void> {
  for (let waiting = 0; waiting === 0; await setTimeout(5)) {
    const { rows } = await sql`
      select from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`.execute(db)
    waiting = rows.length
  }
}
