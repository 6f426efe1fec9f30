import { Kysely, PostgresDialect, type PostgresPool, type Transaction } from 'kysely'
import pg from 'pg'
import type { Database } from './schema.ts'
import { DatabaseSilentError, type Silence, watchSilence } from './silence.ts'

export type Db = Kysely<Database>
export type Trx = Transaction<Database>

interface ConnectOptions {
  /** Told of every idle connection that dropped. Without a listener one of them ends the process. */
  onIdleError: (error: Error) => void
  maxConnections?: number
  /** The client gives up on an answer after this long. Default 35 s. */
  queryTimeoutMs?: number
  /** Where set, nobody waits any more once the database has answered nothing at all for this long. */
  silenceMs?: number | undefined
}

/**
 * A pool that depends on no session state, so that it works through a transaction pooler and on PGlite.
 * (Server-side timeouts would be start-up parameters, which poolers refuse.) No statement waits for ever:
 * the client gives up after `queryTimeoutMs`, a connect after 5 s.
 */
export function connectDb(
  url: string,
  { onIdleError, maxConnections = 8, queryTimeoutMs = 35_000, silenceMs }: ConnectOptions,
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
  const silence = silenceMs === undefined ? undefined : watchSilence(url, silenceMs)
  pool.on('connect', (client) => {
    // A checked-out connection that drops raises 'error' on the client as well, beside the rejected query.
    client.on('error', () => {})
    endUnanswered(client, silence)
  })
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool: silence ? heeding(silence, pool) : pool }),
  })
}

/** Nobody waits for a connection to a database that hangs; one that comes all the same is not kept. */
function heeding(silence: Silence, pool: pg.Pool): PostgresPool {
  const connect = async () => {
    let connecting: Promise<pg.PoolClient> | undefined
    try {
      return await silence.guard(() => (connecting = pool.connect()))
    } catch (error) {
      connecting?.then(
        (client) => client.release(true),
        () => {},
      )
      throw error
    }
  }
  return {
    connect,
    options: pool.options,
    end: async () => {
      await silence.stop()
      await pool.end()
    },
  }
}

/**
 * pg leaves a query that timed out running and the connection in use. Given back to the pool, it would carry the next
 * caller's statements into whatever the old one does when it goes on at last: a BEGIN, say, that nobody commits.
 */
function endUnanswered(client: pg.PoolClient, silence: Silence | undefined): void {
  const query = client.query.bind(client) as (...args: unknown[]) => unknown
  const asked = (...args: unknown[]) => {
    const answer = query(...args)
    if (!(answer instanceof Promise) || !silence) return answer
    answer.catch(() => {})
    return silence.guard(() => answer)
  }
  const guarded = (...args: unknown[]) => {
    const answer = asked(...args)
    if (answer instanceof Promise) {
      answer.catch((error: Error) => {
        if (error instanceof DatabaseSilentError || error.message === 'Query read timeout') void client.end()
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
