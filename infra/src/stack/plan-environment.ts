import path from 'node:path'
import type { Secrets } from './secrets.ts'

export type Variables = Readonly<Record<string, string | undefined>>

export interface EnvironmentFacts {
  /** What the user set: it wins over what is embedded. */
  env: Variables
  dataDir: string
  secrets: Secrets
  apiPort: number
  redisPort: number
  postgresPort: number
  /** Of this machine: as many chapters are recognised at once. */
  cores: number
}

/** Everything the services are told. Pure. */
export interface StackEnvironment {
  variables: Record<string, string | undefined>
  apiUrl: string
  databaseUrl: string
  redisUrl: string
  jwtSecret: string
  embedsPostgres: boolean
  embedsRedis: boolean
}

export function planEnvironment(facts: EnvironmentFacts): StackEnvironment {
  const { env, dataDir, secrets, apiPort, redisPort, postgresPort, cores } = facts
  const apiUrl = `http://localhost:${apiPort}`
  const databaseUrl =
    env.DATABASE_URL || `postgres://postgres:${secrets.postgresPassword}@127.0.0.1:${postgresPort}/postgres`
  const redisUrl = env.REDIS_URL || `redis://:${secrets.redisPassword}@127.0.0.1:${redisPort}`
  const jwtSecret = env.SUPABASE_JWT_SECRET || secrets.jwtSecret
  const variables = {
    QUEUE_PREFIX: 'audiobook',
    LOG_LEVEL: 'info',
    CONCURRENCY: String(cores),
    // Whoever pressed Ctrl-C is waiting; a job that takes longer is handed back and goes on at the next start.
    SHUTDOWN_GRACE_MS: '5000',
    PUBLIC_URL: apiUrl,
    STORAGE_DIR: path.join(dataDir, 'storage'),
    SIGNING_SECRET: secrets.signingSecret,
    // PGlite answers one client at a time, and making an index may take it a while.
    ...(env.DATABASE_URL ? {} : { DATABASE_SILENCE_MS: '30000' }),
    ...withoutEmpty(env),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    SUPABASE_JWT_SECRET: jwtSecret,
    PORT: String(apiPort),
  }
  return {
    variables,
    apiUrl,
    databaseUrl,
    redisUrl,
    jwtSecret,
    embedsPostgres: !env.DATABASE_URL,
    embedsRedis: !env.REDIS_URL,
  }
}

/** `NAME=` in a copied .env means "not set", and must not hide a default. */
function withoutEmpty(env: Variables): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
}
