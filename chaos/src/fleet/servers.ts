import { rmSync } from 'node:fs'
import path from 'node:path'
import { connectDb, migrateToLatest } from '@app/db'
import { createTemporaryCluster, freePort, type Running, startRedis } from '@app/infra'
import { abortableDelay, FatalError } from '@app/runtime'
import { createTables } from '../check/tables.ts'

/** A server that can be taken down in some way and comes back at the same address. */
export interface Server {
  readonly url: string
  /** Resolves when it takes connections again, `downMs` after it ended. Takes turns with other outages of it. */
  restart(signal: NodeJS.Signals, outage: { downMs: number; losesAll?: boolean }): Promise<void>
  stop(): Promise<void>
}

export interface Servers {
  redis: Server
  postgres: Server
}

/** A Redis and a durable, migrated Postgres of the campaign's own. Error: `postgres-missing`. */
export async function startServers(folder: string): Promise<Servers> {
  const redis = await redisIn(path.join(folder, 'redis'))
  try {
    return { redis, postgres: await postgresIn(path.join(folder, 'postgres')) }
  } catch (error) {
    await redis.stop()
    throw error
  }
}

async function redisIn(dataDir: string): Promise<Server> {
  const port = await freePort()
  const start = () => startRedis({ port, password: 'test', dataDir })
  const running = await start()
  return restartable({
    url: running.url,
    running,
    start,
    onLosesAll: () => rmSync(dataDir, { recursive: true, force: true }),
  })
}

async function postgresIn(dataDir: string): Promise<Server> {
  const cluster = await createTemporaryCluster({ dataDir, durable: true })
  if ('missing' in cluster) {
    throw new FatalError(
      'postgres-missing',
      `the campaign needs PostgreSQL with pgvector: ${cluster.missing}`,
    )
  }
  const running = await cluster.start()
  const db = connectDb(cluster.url, { onIdleError: () => {}, maxConnections: 1 })
  try {
    await migrateToLatest(db)
    await createTables(db)
  } catch (error) {
    await running.stop()
    throw error
  } finally {
    await db.destroy()
  }
  return restartable({ url: cluster.url, running, start: cluster.start })
}

interface Restartable {
  url: string
  running: Running
  start(): Promise<Running>
  onLosesAll?(): void
}

function restartable({ url, running, start, onLosesAll }: Restartable): Server {
  const stopping = new AbortController()
  let turn: Promise<void> = Promise.resolve()
  const outage = async (signal: NodeJS.Signals, downMs: number, losesAll: boolean) => {
    if (stopping.signal.aborted) return
    process.kill(running.pid, signal)
    await running.exited
    if (losesAll) onLosesAll?.()
    await abortableDelay(downMs, stopping.signal).catch(() => {})
    if (!stopping.signal.aborted) running = await start()
  }
  return {
    url,
    restart: (signal, { downMs, losesAll = false }) => {
      turn = turn.then(() => outage(signal, downMs, losesAll))
      return turn
    },
    stop: async () => {
      stopping.abort()
      await turn.catch(() => {})
      await running.stop()
    },
  }
}
