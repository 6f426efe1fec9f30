import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { Database } from './schema.ts'

export type Db = Kysely<Database>
export type Trx = Transaction<Database>

interface ConnectOptions {
  /** Told of every idle connection that dropped. Without a listener one of them ends the process. */
  onIdleError: (error: Error) => void
  maxConnections?: number
}

/**
 * A pool that depends on no session state, so that it works through a transaction pooler and on PGlite.
 * (Server-side timeouts would be start-up parameters, which poolers refuse.) No statement waits for ever:
 * the client gives up after 35 s, a connect after 5 s.
 */
export function connectDb(url: string, { onIdleError, maxConnections = 8 }: ConnectOptions): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: 35_000,
    keepAlive: true,
  })
  pool.on('error', onIdleError)
  // A checked-out connection that drops raises 'error' on the client as well, beside the rejected query.
  pool.on('connect', (client) => client.on('error', () => {}))
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
}

/** Resolves when the database answers. */
export async function pingDb(db: Db): Promise<void> {
  await db.selectNoFrom((eb) => eb.lit(1).as('one')).execute()
}
