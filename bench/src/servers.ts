import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createTemporaryCluster, freePort, type Running, startRedis } from '@app/infra'
import { FatalError } from '@app/runtime'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Servers } from './contest/task.ts'

export interface BenchServers {
  versions: Record<string, string>
  /** The shared Redis, and a database that is this contestant's own. */
  serversOf(contestant: string): Promise<Servers>
  stop(): Promise<void>
}

/**
 * A private Redis with its append-only file and, where it is wanted, a private PostgreSQL that loses no commit, both as
 * in production, in a folder that is thrown away. Error: `postgres-not-installed`.
 */
export async function startServers({ postgres }: { postgres: boolean }): Promise<BenchServers> {
  const tempDir = mkdtempSync(path.join(os.tmpdir(), 'scriptorium-bench-'))
  const running: Running[] = []
  const stop = async () => {
    await Promise.all(running.map((server) => server.stop()))
    rmSync(tempDir, { recursive: true, force: true })
  }
  try {
    const redis = await startRedis({
      port: await freePort(),
      password: 'bench',
      dataDir: path.join(tempDir, 'redis'),
    })
    running.push(redis)
    const versions: Record<string, string> = { Redis: await prepareRedis(redis.url) }
    const databases = postgres ? await startPostgres(tempDir, running) : undefined
    if (databases) versions.PostgreSQL = await databases.version()
    return {
      versions,
      serversOf: async (contestant) => ({
        redisUrl: redis.url,
        databaseUrl: (await databases?.urlFor(contestant)) ?? '',
      }),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function startPostgres(tempDir: string, running: Running[]) {
  const cluster = await createTemporaryCluster({ dataDir: path.join(tempDir, 'postgres'), durable: true })
  if ('missing' in cluster) {
    throw new FatalError('postgres-not-installed', `No PostgreSQL to measure with: ${cluster.missing}`)
  }
  running.push(await cluster.start())
  return databasesOn(cluster.url)
}

/** Rewriting the log in the middle of a run would hit whoever runs just then. */
async function prepareRedis(url: string): Promise<string> {
  const redis = new Redis(url)
  try {
    await redis.config('SET', 'auto-aof-rewrite-percentage', '0')
    return /redis_version:(\S+)/.exec(await redis.info('server'))?.[1] ?? 'unknown'
  } finally {
    redis.disconnect()
  }
}

function databasesOn(adminUrl: string) {
  const names = new Map<string, string>()
  const ask = async (statement: string) => {
    const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 })
    await client.connect()
    try {
      return await client.query(statement)
    } finally {
      await client.end()
    }
  }
  return {
    version: async (): Promise<string> => (await ask('show server_version')).rows[0]?.server_version,

    async urlFor(contestant: string): Promise<string> {
      const name = names.get(contestant) ?? `bench_${names.size}`
      if (!names.has(contestant)) await ask(`create database ${name}`)
      names.set(contestant, name)
      return Object.assign(new URL(adminUrl), { pathname: `/${name}` }).href
    },
  }
}
