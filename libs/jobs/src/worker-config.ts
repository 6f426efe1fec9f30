import { type Bus, type BusObserver, connectRedis, createBus, parseRedisUrl } from '@app/bus'
import { connectDb, type Db, pingDb } from '@app/db'
import {
  asError,
  createMetrics,
  type HealthChecks,
  type Logger,
  logLevel,
  type Part,
  type Secret,
  secret,
} from '@app/runtime'
import { z } from 'zod'
import { createJobMetrics, type JobMetrics } from './job-metrics.ts'
import { checkRedis } from './redis-check.ts'
import type { WorkerPartsOptions } from './worker-parts.ts'

/** Checked with all the others, before anything is connected. */
const redisUrl = z
  .string()
  .superRefine((url, context) => {
    try {
      parseRedisUrl(url)
    } catch (error) {
      context.addIssue(asError(error).message)
    }
  })
  .pipe(secret)

/** Where Postgres and Redis are; spread into the `loadConfig` of every service. */
export const connectionConfig = {
  DATABASE_URL: secret,
  REDIS_URL: redisUrl,
  QUEUE_PREFIX: z
    .string()
    .regex(/^[\w.-]+$/)
    .default('audiobook'),
  LOG_LEVEL: logLevel,
}

/** What every worker process is told besides. */
export const workerConfig = {
  ...connectionConfig,
  /** Jobs of each queue that run at once in this process. */
  CONCURRENCY: z.coerce.number().int().min(1).max(1_000).default(1),
  /** How long running jobs may go on after SIGTERM before they are handed back. */
  SHUTDOWN_GRACE_MS: z.coerce.number().int().min(0).default(20_000),
  HEALTH_PORT: z.coerce.number().int().min(0).max(65_535).default(8081),
}

interface ConnectionConfig {
  DATABASE_URL: Secret
  REDIS_URL: Secret
  QUEUE_PREFIX: string
}

interface Connections {
  db: Db
  bus: Bus
  /** First in, last out: everything else needs it until it has stopped. */
  part: Part
  checks: HealthChecks
  /** What this process counts. */
  metrics: JobMetrics
}

/**
 * Opens Postgres and Redis. Neither need be there yet: `/readyz` says what is missing, and work begins when it comes.
 * With `silenceMs` nobody waits longer than that for a Postgres that hangs: for those who answer people.
 */
export function openConnections(
  config: ConnectionConfig,
  log: Logger,
  { silenceMs }: { silenceMs?: number } = {},
): Connections {
  const db = connectDb(config.DATABASE_URL.reveal(), {
    onIdleError: (err) => log.warn({ err }, 'idle Postgres connection lost'),
    silenceMs,
  })
  const redis = connectRedis(config.REDIS_URL.reveal(), (err) => log.debug({ err }, 'Redis connection'))
  const metrics = createJobMetrics(createMetrics({ nodejs: true }))
  let unlisten = () => {}
  let isFirst = true
  redis.on('ready', () => {
    if (!isFirst) metrics.redisReconnects.inc()
    isFirst = false
  })
  return {
    db,
    metrics,
    bus: createBus(redis, config.QUEUE_PREFIX, observed(metrics, log)),
    part: {
      name: 'connections',
      start: async (control) => {
        unlisten = await checkRedis(redis, log, control)
      },
      stop: async () => {
        unlisten()
        redis.disconnect()
        await db.destroy()
      },
    },
    checks: { postgres: () => pingDb(db), redis: () => redis.ping() },
  }
}

function observed(metrics: JobMetrics, log: Logger): BusObserver {
  return {
    acknowledgementsLost: (queue, count) => metrics.acksLost.inc({ queue }, count),
    entriesDeleted: (stream, entryIds) => {
      metrics.entriesDeleted.inc(entryIds.length)
      log.warn(
        { stream, entryIds },
        'pending entries were deleted by somebody; the reconciler sends their jobs again',
      )
    },
  }
}

/** `workerParts`' options, from a config with `workerConfig` in it. */
export function workerOptions(
  service: string,
  config: ConnectionConfig & { CONCURRENCY: number; SHUTDOWN_GRACE_MS: number },
  connections: Pick<WorkerPartsOptions, 'db' | 'bus' | 'log' | 'metrics'>,
): WorkerPartsOptions {
  const { REDIS_URL, CONCURRENCY: concurrency, SHUTDOWN_GRACE_MS: graceMs } = config
  return { ...connections, service, redisUrl: REDIS_URL.reveal(), concurrency, graceMs }
}
