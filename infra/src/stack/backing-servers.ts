import path from 'node:path'
import { connectDb, migrateToLatest } from '@app/db'
import type { Logger, Part } from '@app/runtime'
import { startPgliteServer } from '../embedded/pglite.ts'
import { startRedis } from '../embedded/redis.ts'
import type { Running } from '../process/child.ts'
import type { Children } from './children.ts'
import { openLogFile } from './log-files.ts'
import type { Secrets } from './secrets.ts'

interface BackingOptions {
  dataDir: string
  secrets: Secrets
  children: Children
  port: number
}

/** Redis, kept in .data/redis. Restarted on the same port: everybody has its URL. */
export function redisPart({ dataDir, secrets, children, port }: BackingOptions): Part {
  const onLine = openLogFile(dataDir, 'redis')
  return supervisedPart('redis', children, () =>
    startRedis({ port, password: secrets.redisPassword, dataDir: path.join(dataDir, 'redis'), onLine }),
  )
}

/** PGlite, kept in .data/postgres. */
export function postgresPart(options: BackingOptions & { program: string }): Part {
  const { dataDir, secrets, children, port, program } = options
  const onLine = openLogFile(dataDir, 'postgres')
  return supervisedPart('postgres', children, () =>
    startPgliteServer({
      program,
      port,
      password: secrets.postgresPassword,
      dataDir: path.join(dataDir, 'postgres'),
      onLine,
    }),
  )
}

export function migrationsPart(databaseUrl: string, log: Logger): Part {
  return {
    name: 'migrations',
    start: async () => {
      const db = connectDb(databaseUrl, { onIdleError: () => {}, maxConnections: 1 })
      try {
        const applied = await migrateToLatest(db)
        log.info({ applied }, 'database is up to date')
      } finally {
        await db.destroy()
      }
    },
  }
}

function supervisedPart(name: string, children: Children, launch: () => Promise<Running>): Part {
  const supervised = children.supervise(name, launch)
  return {
    name,
    start: async () => {
      await supervised.start()
      supervised.ready()
    },
    stop: () => supervised.stop(),
    stopTimeoutMs: 15_000,
  }
}
