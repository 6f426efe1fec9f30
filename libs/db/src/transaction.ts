import type { Db, Trx } from './connect.ts'

/** Serialisation failure and deadlock: the server undid the transaction and asks for it again. */
const ASK_AGAIN = new Set(['40001', '40P01'])
const MOST_TRIES = 5

/** Runs `work` in a transaction, again where Postgres says that trying again is the cure. `work` must be repeatable. */
export async function inTransaction<T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (attempt >= MOST_TRIES || !ASK_AGAIN.has(sqlState(error) ?? '')) throw error
    }
  }
}

/** The five-character SQLSTATE of a Postgres error; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as Error & { code?: unknown }).code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/** Of Node: nobody answered, or the connection broke. Some have five letters, like a SQLSTATE. */
const NETWORK = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'ENETDOWN', 'ECONNABORTED'],
])
/** 08 connection, 57P shutdown and start-up, 53300 too many connections, 25006 a standby after a failover. */
const AWAY = /^(08...|57P..|53300|25006)$/

/** True where Postgres is away for now, and nobody can say whether the statement took effect. */
export function isConnectionError(error: unknown): boolean {
  // One per address that was tried.
  if (error instanceof AggregateError) return error.errors.some(isConnectionError)
  if (!(error instanceof Error)) return false
  const { code } = error as NodeJS.ErrnoException
  if (code !== undefined && NETWORK.has(code)) return true
  const state = sqlState(error)
  if (state !== undefined) return AWAY.test(state)
  return /connection|timeout|socket|not queryable/i.test(error.message)
}
