import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import type { Database } from './schema.ts'

export type Db = Kysely<Database>
export type Trx = Transaction<Database>

interface ConnectOptions {
  /** Told of every idle connection that dropped. Without a listener one of them ends the process. */
  onIdleError: (error: Error) => void
  maxConnections?: number
  /** The client gives up on an answer after this long. Default 35 s. */
  queryTimeoutMs?: number
}

/**
 * A pool that depends on no session state, so that it works through a transaction pooler and on PGlite.
 * (Server-side timeouts would be start-up parameters, which poolers refuse.) No statement waits for ever:
 * the client gives up after `queryTimeoutMs`, a connect after 5 s.
 */
export function connectDb(
  url: string,
  { onIdleError, maxConnections = 8, queryTimeoutMs = 35_000 }: ConnectOptions,
): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
  })
  pool.on('error', onIdleError)
  pool.on('connect', (client) => {
    // A checked-out connection that drops raises 'error' on the client as well, beside the rejected query.
    client.on('error', () => {})
    endOnTimeout(client)
  })
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
}

/**
 * pg leaves a query that timed out running and the connection in use. Given back to the pool, it would carry the next
 * caller's statements into whatever the old one does when it goes on at last: a BEGIN, say, that nobody commits.
 */
function endOnTimeout(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const guarded = (...args: unknown[]) => {
    const answer = query(...args)
    if (answer instanceof Promise) {
      answer.catch((error: Error) => {
        if (error.message === 'Query read timeout') void client.end()
      })
    }
    return answer
  }
  client.query = guarded as typeof client.query
}

/** Resolves when the database answers. */
export async function pingDb(db: Db): Promise<void> {
  await db.selectNoFrom((eb) => eb.lit(1).as('one')).execute()
}
