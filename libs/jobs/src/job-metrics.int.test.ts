import { createBus, streamKey } from '@app/bus'
import { TagJob } from '@app/contracts'
import { connectDb } from '@app/db'
import { FatalError, RetryLaterError, Secret } from '@app/runtime'
import { ownRedis, parseMetrics, sampleOf, testWorld, type World } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import {
  createDispatcher,
  createJobMetrics,
  createReconciler,
  defineWorker,
  handleDelivery,
  measureQueues,
  openConnections,
  type Shell,
} from './index.ts'

const tagging = (run: (signal: AbortSignal) => Promise<unknown> = async () => {}) =>
  defineWorker(TagJob, {
    async run(_job, _deps, { signal }) {
      await run(signal)
      return { provider: 'test', model: 'test-1', tags: [] }
    },
    save: async () => ({ aiOutputId: crypto.randomUUID(), provider: 'test', model: 'test-1' }),
  })

const failing = (error: Error) => tagging(() => Promise.reject(error))

/** A `tag` job whose ticket is delivered to this shell. */
async function delivered(world: World, shell: Shell) {
  const book = await world.seedAudiobook()
  const id = book.job('tag')
  await world.db
    .deleteFrom('processing_jobs')
    .where('id', '!=', id)
    .where('subject_id', '=', book.id)
    .execute()
  await world.db
    .updateTable('processing_jobs')
    .set({ status: 'queued', run_at: new Date(0) })
    .where('id', '=', id)
    .execute()
  await world.dispatch()
  await world.bus.ensureGroups('tag')
  const stream = streamKey(world.bus.prefix, 'tag', 'high')
  const [delivery] = await world.bus.readNew(stream, shell.workerId, 1)
  if (!delivery) throw new Error('nothing was delivered')
  return { id, stream, delivery }
}

async function sampled({ metrics }: { metrics: Shell['metrics'] }) {
  const families = parseMetrics((await metrics.metrics.exposition()).text)
  return (name: string, labels: Record<string, string> = {}) =>
    sampleOf(families, `scriptorium_${name}`, labels)
}

it('counts runs by how they ended, and how long jobs waited and ran', async () => {
  await using world = await testWorld()
  const shell = world.shell()
  const runs = [
    tagging(),
    failing(new FatalError('no-tags', 'no tags')),
    failing(new Error('try again')),
    failing(new RetryLaterError('busy', 'later', { retryAfterMs: 60_000 })),
  ]

  for (const worker of runs) {
    const { delivery } = await delivered(world, shell)
    await handleDelivery(shell, worker, undefined, delivery)
  }

  const sample = await sampled(shell)
  expect(sample('jobs_started_total', { type: 'tag' })).toBe(4)
  for (const outcome of ['completed', 'failed', 'retried', 'snoozed'])
    expect(sample('job_runs_total', { type: 'tag', outcome })).toBe(1)
  expect(sample('job_run_duration_seconds_count', { type: 'tag' })).toBe(4)
  // They were due in 1970.
  expect(sample('job_pickup_seconds_bucket', { type: 'tag', le: '7200' })).toBe(0)
  expect(sample('job_pickup_seconds_count', { type: 'tag' })).toBe(4)
})

it('counts a take-over where it happens, and the dropped result where it is dropped', async () => {
  await using world = await testWorld()
  const [slow, quick] = [world.shell('slow'), world.shell('quick')]
  const { stream, delivery } = await delivered(world, slow)
  const [begun, end] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const slowRun = tagging(() => {
    begun.resolve()
    return end.promise
  })
  const first = handleDelivery(slow, slowRun, undefined, delivery)
  await begun.promise

  await world.expireLeases('tag')
  const [again] = await world.bus.takeOver(stream, quick.workerId, 1, 12_000)
  await handleDelivery(quick, tagging(), undefined, again ?? delivery)
  end.resolve()
  await first

  const [ofSlow, ofQuick] = [await sampled(slow), await sampled(quick)]
  expect(ofQuick('jobs_taken_over_total', { type: 'tag' })).toBe(1)
  expect(ofSlow('zombie_writes_total')).toBe(1)
  expect(ofSlow('job_runs_total', { type: 'tag', outcome: 'lost' })).toBe(1)
})

it('row 3: counts pending entries that somebody deleted, once', async () => {
  await using world = await testWorld()
  const deleted: unknown[] = []
  const entriesDeleted = (stream: string, ids: readonly string[]) => deleted.push([stream, ids])
  const bus = createBus(world.bus.redis, world.bus.prefix, { entriesDeleted })
  const { stream, delivery } = await delivered(world, world.shell('dead'))
  await world.expireLeases('tag')
  await world.bus.redis.xdel(stream, delivery.entryId)

  expect(await bus.takeOver(stream, 'next', 1, 12_000)).toEqual([])
  expect(await bus.takeOver(stream, 'next', 1, 12_000)).toEqual([])

  expect(deleted).toEqual([[stream, [delivery.entryId]]])
})

it("row 6: counts finished entries that were another worker's when they were acknowledged", async () => {
  await using world = await testWorld()
  const lost: unknown[] = []
  const bus = createBus(world.bus.redis, world.bus.prefix, {
    acknowledgementsLost: (queue, count) => lost.push([queue, count]),
  })
  const [shell, other] = [world.shell(), world.shell('other')]
  const { stream, delivery } = await delivered(world, shell)
  await world.expireLeases('tag')
  await bus.takeOver(stream, other.workerId, 1, 12_000)

  const finished = new Map([[stream, [delivery.entryId]]])
  await bus.take({ queue: 'tag', consumer: shell.workerId, quotas: [0, 0, 0], finished })
  await bus.take({ queue: 'tag', consumer: other.workerId, quotas: [0, 0, 0], finished })

  expect(lost).toEqual([['tag', 1]])
})

it('counts tickets that name no job', async () => {
  await using world = await testWorld()
  const shell = world.shell()
  const { delivery } = await delivered(world, shell)

  await handleDelivery(shell, tagging(), undefined, { ...delivery, ticket: 'nonsense' })

  expect((await sampled(shell))('tickets_unreadable_total', { queue: 'tag' })).toBe(1)
})

it('counts what reconciling found, and dispatches that failed', async () => {
  await using world = await testWorld()
  const metrics = createJobMetrics()
  const { id } = await delivered(world, world.shell())
  await world.db
    .updateTable('processing_jobs')
    .set({ dispatched_at: new Date(0) })
    .where('id', '=', id)
    .execute()
  await world.emptyRedis()
  const { db, bus, redisUrl, log } = world
  const control = { signal: new AbortController().signal, fail: () => {} }
  const away = { ...bus, publish: () => Promise.reject(new Error('connection refused')) }
  const dispatcher = createDispatcher({ db, bus: away, redisUrl, log, metrics })
  const reconciler = createReconciler({ db, bus, log, metrics, onDrift: dispatcher.dispatchSoon })

  await reconciler.start?.(control)
  await dispatcher.start?.(control)

  await vi.waitFor(async () => {
    const sample = await sampled({ metrics })
    expect(sample('reconcile_drift_total', { kind: 'tickets_lost' })).toBe(1)
    expect(sample('dispatch_errors_total')).toBeGreaterThan(0)
  }, 20_000)
  await reconciler.stop?.()
  await dispatcher.stop?.()
})

it('counts how often the connection to Redis came back', async () => {
  await using world = await testWorld()
  await using redis = await ownRedis()
  const connections = openConnections(
    {
      DATABASE_URL: new Secret(world.databaseUrl),
      REDIS_URL: new Secret(redis.url),
      QUEUE_PREFIX: redis.prefix,
    },
    world.log,
  )
  const answers = () => vi.waitFor(() => connections.bus.redis.ping(), { timeout: 20_000 })
  await answers()
  const before = (await sampled(connections))('redis_reconnects_total')

  await redis.kill()
  await redis.revive()
  await answers()

  expect(before).toBe(0)
  expect((await sampled(connections))('redis_reconnects_total')).toBe(1)
  await connections.part.stop?.()
})

it('row 15: measures every queue from Postgres and Redis, and leaves all of it out while Postgres is away', async () => {
  await using world = await testWorld()
  const metrics = createJobMetrics()
  measureQueues(metrics.metrics, world)
  await world.seedAudiobook(3)
  await world.dispatch()

  const sample = await sampled({ metrics })
  expect(sample('queue_jobs', { queue: 'transcribe', status: 'queued' })).toBe(3)
  expect(sample('queue_jobs', { queue: 'embed', status: 'pending' })).toBe(3)
  expect(sample('queue_depth', { queue: 'transcribe' })).toBe(3)
  expect(sample('queue_entries', { queue: 'transcribe' })).toBe(3)
  expect(sample('queue_oldest_waiting_seconds', { queue: 'embed' })).toBe(0)

  const away = connectDb('postgres://nobody@127.0.0.1:1/none', { onIdleError: () => {} })
  const blind = createJobMetrics()
  measureQueues(blind.metrics, { db: away, bus: world.bus })
  expect((await sampled({ metrics: blind }))('queue_depth', { queue: 'transcribe' })).toBeUndefined()
  await away.destroy()
})
