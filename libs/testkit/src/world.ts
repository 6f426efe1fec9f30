import { type Bus, connectRedis, createBus, streamKey, whenReady } from '@app/bus'
import { type JobDefinition, jobDefinition, LANES } from '@app/contracts'
import { connectDb, inTransaction } from '@app/db'
import type { PlannedJob } from '@app/flows'
import {
  createShell,
  dispatchDue,
  handleDelivery,
  insertJobs,
  type JobDefinitions,
  type JobRow,
  type Shell,
  type Worker,
  workerParts,
} from '@app/jobs'
import { createLogger, type Part } from '@app/runtime'
import { seedAudiobook } from './seed-audiobook.ts'
import { deleteKeys } from './servers/delete-keys.ts'
import { type TestRedis, testRedis } from './servers/redis.ts'
import { testDatabase } from './servers/test-database.ts'

export interface WorldOptions {
  /** Where another server than the suite's Postgres is meant, such as a PGlite of the file's own. */
  databaseUrl?: string
  /** Job types of the test's own, beside the product's. */
  jobs?: readonly JobDefinition[]
  /** Where another Redis than the suite's is meant, such as a Cluster of the test's own. */
  redis?: TestRedis
}

export type World = Awaited<ReturnType<typeof testWorld>>

/** A database and a Redis prefix of one's own, and the tools to step through jobs without loops or sleeps. */
export async function testWorld({ databaseUrl, redis: server = testRedis(), jobs = [] }: WorldOptions = {}) {
  const database = databaseUrl === undefined ? await testDatabase() : undefined
  const url = databaseUrl ?? database?.url ?? ''
  const { url: redisUrl, prefix } = server
  const db = connectDb(url, { onIdleError: () => {} })
  const redis = connectRedis(redisUrl, () => {})
  await whenReady(redis, 5_000)
  const bus = createBus(redis, prefix)
  const log = createLogger('test', 'silent')
  const running: Part[][] = []
  const definitions = definitionsOf(jobs)

  const shellOf = (name = 'test') => testShell(name, { db, bus, redisUrl, log, definitions })
  const world = {
    db,
    bus,
    redisUrl,
    databaseUrl: url,
    log,

    /** A worker process that does nothing by itself: deliveries are put to it. */
    shell: shellOf,

    /** A book with its chapters and jobs, as the API would make it; no media behind it. */
    seedAudiobook: (chapters = 1) => seedAudiobook(db, chapters),

    /** Where this world's shells and `insertJobs` take job types from. */
    definitions,

    insert: (planned: readonly PlannedJob<string>[]) =>
      inTransaction(db, (trx) => insertJobs(trx, planned, definitions)),

    job: (id: string): Promise<JobRow> =>
      db.selectFrom('processing_jobs').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),

    dispatch: () => dispatchDue(db, bus),

    /** Dispatches and handles all that waits for these workers, until nothing does. Returns how many were handled. */
    drain: <Deps = undefined>(workers: readonly Worker<Deps>[], deps?: Deps): Promise<number> =>
      drain(shellOf(), workers, deps as Deps),

    /** Starts these workers as a process would; stopped with the world. */
    async start<Deps>(
      workers: readonly Worker<Deps>[],
      deps: Deps,
      { concurrency = 1, graceMs = 0, leaseMs = 12_000 } = {},
    ) {
      const parts = workerParts(workers, deps, {
        ...{ service: 'test', db, bus, redisUrl, log },
        ...{ concurrency, graceMs, leaseMs, definitions },
      })
      running.push(parts)
      for (const part of parts) await part.start?.({ signal: new AbortController().signal, fail: () => {} })
      return { stop: () => stopParts(running, parts) }
    },

    /** Makes every lease of the queue look expired, as a worker's death does twelve seconds later. */
    expireLeases: (queue: string): Promise<void> => expireLeases(bus, queue),

    /** What FLUSHALL does to this world, without touching the other tests'. */
    async emptyRedis(): Promise<void> {
      await deleteKeys(redis, prefix)
    },

    async [Symbol.asyncDispose](): Promise<void> {
      for (const parts of [...running]) await stopParts(running, parts)
      // A Redis of the test's own may be away for good.
      await world.emptyRedis().catch(() => {})
      redis.disconnect()
      await db.destroy()
      await database?.[Symbol.asyncDispose]()
    },
  }
  return world
}

/** The ids of jobs whose results were dropped are its `zombies`. */
function testShell(name: string, parts: Pick<Shell, 'db' | 'bus' | 'redisUrl' | 'log' | 'definitions'>) {
  const shell = createShell(name, { ...parts, dispatchSoon: () => {} })
  const zombies: string[] = []
  const { onZombie } = shell
  return Object.assign(shell, {
    zombies,
    onZombie(jobId: string) {
      zombies.push(jobId)
      onZombie(jobId)
    },
  })
}

const definitionsOf =
  (jobs: readonly JobDefinition[]): JobDefinitions =>
  (type) =>
    jobs.find((job) => job.name === type) ?? jobDefinition(type)

async function stopParts(running: Part[][], parts: Part[]): Promise<void> {
  if (!running.includes(parts)) return
  running.splice(running.indexOf(parts), 1)
  for (const part of parts.toReversed()) await part.stop?.()
}

async function drain<Deps>(shell: Shell, workers: readonly Worker<Deps>[], deps: Deps): Promise<number> {
  let handled = 0
  for (let before = -1; before !== handled; ) {
    before = handled
    await dispatchDue(shell.db, shell.bus)
    for (const ofQueue of Map.groupBy(workers, ({ definition }) => definition.queue).values()) {
      handled += await drainQueue(shell, ofQueue as QueueWorkers<Deps>, deps)
    }
  }
  return handled
}

type QueueWorkers<Deps> = [Worker<Deps>, ...Worker<Deps>[]]

async function drainQueue<Deps>(shell: Shell, workers: QueueWorkers<Deps>, deps: Deps): Promise<number> {
  const { bus, workerId } = shell
  const { queue } = workers[0].definition
  await bus.ensureGroups(queue)
  let handled = 0
  for (const lane of LANES) {
    for (const delivery of await bus.readNew(streamKey(bus.prefix, queue, lane), workerId, 1_000)) {
      const outcome = await handleDelivery(shell, workers, deps, delivery)
      if (outcome === 'done') await bus.acknowledge(delivery.stream, workerId, [delivery.entryId])
      handled += 1
    }
  }
  return handled
}

async function expireLeases(bus: Bus, queue: string): Promise<void> {
  for (const lane of LANES) {
    const stream = streamKey(bus.prefix, queue, lane)
    const pending = (await bus.redis.xpending(stream, 'workers', '-', '+', 1_000)) as [string, string][]
    for (const [id, consumer] of pending) {
      await bus.redis.xclaim(stream, 'workers', consumer, 0, id, 'IDLE', 60_000, 'JUSTID')
    }
  }
}
