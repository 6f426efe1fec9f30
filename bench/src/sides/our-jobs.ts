import { randomUUID } from 'node:crypto'
import { type Bus, connectRedis, createBus, whenReady } from '@app/bus'
import { defineJob } from '@app/contracts'
import { connectDb, type Db, inTransaction, migrateToLatest } from '@app/db'
import type { PlannedJob } from '@app/flows'
import { defineWorker, insertJobs, type Worker, workerParts } from '@app/jobs'
import { createLogger, type Part } from '@app/runtime'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Servers } from '../contest/task.ts'
import { batchesOf, JOB_TYPE, QUEUE } from './job-ids.ts'

/** A job that does nothing but say its number. */
export const NoOpJob = defineJob(JOB_TYPE, {
  queue: QUEUE,
  input: z.object({ index: z.int() }),
  result: z.null(),
  output: z.null(),
})

export const noOp = defineWorker(NoOpJob, {
  async run({ input }, onJob: (index: number) => void) {
    onJob(input.index)
    return null
  },
})

/** What a process of ours has, on an emptied database and an emptied Redis. */
export interface OurWorld extends AsyncDisposable {
  db: Db
  bus: Bus
  redisUrl: string
  log: ReturnType<typeof createLogger>
}

export async function openWorld(
  { databaseUrl, redisUrl }: Servers,
  { keepJobs = false } = {},
): Promise<OurWorld> {
  const db = connectDb(databaseUrl, { onIdleError: () => {} })
  const redis = connectRedis(redisUrl, () => {})
  await whenReady(redis, 5_000)
  await redis.flushall()
  await migrateToLatest(db)
  if (!keepJobs) await sql`truncate processing_jobs, workers cascade`.execute(db)
  return {
    db,
    bus: createBus(redis, 'bench'),
    redisUrl,
    log: createLogger('bench', 'silent'),
    async [Symbol.asyncDispose]() {
      redis.disconnect()
      await db.destroy()
    },
  }
}

const planned = (index: number, ownerId: string): PlannedJob<typeof JOB_TYPE> => ({
  key: String(index),
  type: JOB_TYPE,
  lane: 'normal',
  subjectKind: 'bench',
  subjectId: ownerId,
  ownerId,
  input: { index },
  dependsOn: [],
})

/** Commits one job that is due at once. */
export async function commitJob(db: Db, index: number): Promise<void> {
  await inTransaction(db, (trx) => insertJobs(trx, [planned(index, randomUUID())], () => NoOpJob))
}

/** Commits these jobs of one owner, a thousand a transaction, and lets Postgres learn what is in its tables. */
export async function commitJobs(db: Db, jobs: number): Promise<void> {
  const ownerId = randomUUID()
  for (const indexes of batchesOf(jobs, 1_000)) {
    const some = indexes.map((index) => planned(index, ownerId))
    await inTransaction(db, (trx) => insertJobs(trx, some, () => NoOpJob))
  }
  await sql`analyze`.execute(db)
}

/** Starts a worker process' parts; returns how to stop them. */
export async function startWorker<Deps>(
  { db, bus, redisUrl, log }: OurWorld,
  worker: Worker<Deps>,
  deps: Deps,
  concurrency: number,
): Promise<() => Promise<void>> {
  return await startParts(
    workerParts([worker], deps, { service: 'bench', db, bus, redisUrl, log, concurrency }),
  )
}

export async function startParts(parts: readonly Part[]): Promise<() => Promise<void>> {
  for (const part of parts) await part.start?.({ signal: new AbortController().signal, fail: () => {} })
  return async () => {
    for (const part of parts.toReversed()) await part.stop?.()
  }
}
