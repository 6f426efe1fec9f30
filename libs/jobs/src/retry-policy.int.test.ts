import { streamKey } from '@app/bus'
import { defineJob } from '@app/contracts'
import { PutOffError, RetryLaterError } from '@app/runtime'
import { insertOneJob, onEachDatabase, type World } from '@app/testkit'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { createShell, defineWorker, handleDelivery, openDeadLetters, redriveJob } from './index.ts'

const FetchJob = defineJob('fetch', {
  queue: 'fetch',
  input: z.object({}),
  result: z.object({}),
  output: z.object({}),
  attempts: 2,
  firstRetryMs: 2 ** 40,
  mostRetryMs: 2 ** 40,
  mostSnoozeAgeMs: 60_000,
})

const failing = (error: Error) =>
  defineWorker(FetchJob, {
    run: () => Promise.reject(error),
    save: async () => ({}),
  })

const busy = new RetryLaterError('provider-busy', 'said 429', { retryAfterMs: 3_600_000 })

/** As if so much time had gone by since the job's first run. */
const startedBefore = (world: World, id: string, ms: number) =>
  world.db
    .updateTable('processing_jobs')
    .set({ started_at: new Date(Date.now() - ms), run_at: new Date(0) })
    .where('id', '=', id)
    .execute()

onEachDatabase((anyWorld) => {
  const newWorld = () => anyWorld({ jobs: [FetchJob] })

  it("tries again within the job type's own delay, as often as it says", async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')

    await world.drain([failing(new Error('no'))])
    const retried = await world.job(id)
    const delayMs = retried.run_at.getTime() - retried.updated_at.getTime()
    await startedBefore(world, id, 0)
    await world.drain([failing(new Error('no'))])

    expect(retried).toMatchObject({ status: 'queued', attempts: 1, max_attempts: 2 })
    expect(delayMs).toBeGreaterThanOrEqual(0)
    // Drawn, so that a failed crowd does not come back as one.
    expect(delayMs).toBeLessThan(2 ** 40)
    expect(await world.job(id)).toMatchObject({ status: 'failed', attempts: 2 })
  })

  it.each([
    ['is tried again', new Error('no')],
    ['is put off', busy],
    [
      'waits for its turn',
      new PutOffError('over', 'over', { waitingFor: 'budget', retryAfterMs: 3_600_000 }),
    ],
  ])('has its dispatcher look when a job that %s falls due, and send nothing yet', async (_, error) => {
    await using world = await newWorld()
    await insertOneJob(world, 'fetch')
    const { db, bus, redisUrl, log } = world
    const asked: string[] = []
    const [dispatchSoon, lookSoon] = [() => void asked.push('send'), () => void asked.push('look')]
    const shell = createShell('test', { db, bus, redisUrl, log, dispatchSoon, lookSoon })
    await bus.ensureGroups('fetch')
    await world.dispatch()

    for (const delivery of await bus.readNew(streamKey(bus.prefix, 'fetch', 'normal'), shell.workerId, 1))
      await handleDelivery(shell, failing(error), undefined, delivery)

    // Its place on the stream, and its time.
    expect(asked).toEqual(['look', 'look'])
  })

  it('puts a job off that found the disk full, at the cost of no attempt', async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    const full = Object.assign(new Error('write'), { code: 'ENOSPC' })

    await world.drain([failing(new Error('while writing a part', { cause: full }))])

    expect(await world.job(id)).toMatchObject({ status: 'queued', attempts: 0, error_code: 'disk_full' })
  })

  it("gives up a job that is still put off at its type's greatest age", async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    await startedBefore(world, id, 30_000)
    await world.drain([failing(busy)])
    expect(await world.job(id)).toMatchObject({ status: 'queued', attempts: 0 })

    await startedBefore(world, id, 90_000)
    await world.drain([failing(busy)])

    expect(await world.job(id)).toMatchObject({ status: 'failed', error_code: 'provider-busy' })
  })

  it('remembers when a job first failed, and says so in its dead letter', async () => {
    await using world = await newWorld()
    const id = await insertOneJob(world, 'fetch')
    await world.drain([failing(new Error('first'))])
    const first = (await world.job(id)).first_failed_at
    await startedBefore(world, id, 0)

    await world.drain([failing(new TypeError('last'))])

    expect(first).not.toBeNull()
    const [letter] = await openDeadLetters(world.db)
    expect(letter).toMatchObject({
      jobId: id,
      errorClass: 'TypeError',
      message: 'last',
      attempts: 2,
      firstSeenAt: first,
    })
    expect(letter?.diedAt.getTime()).toBeGreaterThan(first?.getTime() ?? 0)
    await redriveJob(world.db, id, 'an admin')
    expect((await world.job(id)).first_failed_at).toBeNull()
  })
})
