import { type Bus, connectRedis, createBus } from '@app/bus'
import { connectDb, type Db, pingDb } from '@app/db'
import { type HealthChecks, type Logger, logLevel, type Part, type Secret, secret } from '@app/runtime'
import { z } from 'zod'
import type { WorkerPartsOptions } from './worker-parts.ts'

/** Where Postgres and Redis are; spread into the `loadConfig` of every service. */
export const connectionConfig = {
  DATABASE_URL: secret,
  REDIS_URL: secret,
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
}

/** Opens Postgres and Redis. Neither need be there yet: `/readyz` says what is missing, and work begins when it comes. */
export function openConnections(config: ConnectionConfig, log: Logger): Connections {
  const db = connectDb(config.DATABASE_URL.reveal(), {
    onIdleError: (err) => log.warn({ err }, 'idle Postgres connection lost'),
  })
  const redis = connectRedis(config.REDIS_URL.reveal(), (err) => log.debug({ err }, 'Redis connection'))
  return {
    db,
    bus: createBus(redis, config.QUEUE_PREFIX),
    part: {
      name: 'connections',
      stop: async () => {
        redis.disconnect()
        await db.destroy()
      },
    },
    checks: { postgres: () => pingDb(db), redis: () => redis.ping() },
  }
}

/** `workerParts`' options, from a config with `workerConfig` in it. */
export function workerOptions(
  service: string,
  config: ConnectionConfig & { CONCURRENCY: number; SHUTDOWN_GRACE_MS: number },
  { db, bus, log }: Pick<WorkerPartsOptions, 'db' | 'bus' | 'log'>,
): WorkerPartsOptions {
  const { REDIS_URL, CONCURRENCY: concurrency, SHUTDOWN_GRACE_MS: graceMs } = config
  return { service, db, bus, log, redisUrl: REDIS_URL.reveal(), concurrency, graceMs }
}
