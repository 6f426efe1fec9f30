import type { JobDefinition } from '@app/contracts'
import { sqlState, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'

/** A key is an index entry, which Postgres limits. Whoever has more to say hashes it. */
const MOST_KEY_LENGTH = 500
/** Each try is lost only where the job that was met ended at that very moment. */
const MOST_TRIES = 20

export interface UniqueJob {
  id: string
  owner_id: string
  type: string
  unique_key: string
}

export const isUnique = <Row extends { unique_key: string | null }>(
  row: Row,
): row is Row & { unique_key: string } => row.unique_key !== null

/** What no two live jobs share. */
export const uniqueName = ({ type, unique_key, owner_id }: Omit<UniqueJob, 'id'>): string =>
  JSON.stringify([type, unique_key, owner_id])

/** The key under which a job of this type is the only live one of its owner; null where the type wants none. */
export function uniqueKeyOf(definition: JobDefinition, input: unknown): string | null {
  if (!definition.unique) return null
  const key = definition.unique(input)
  if (key.length > 0 && key.length <= MOST_KEY_LENGTH && !key.includes('\0')) return key
  throw new FatalError(
    'unique-key-invalid',
    `a unique key has 1 to ${MOST_KEY_LENGTH} characters, none of them NUL`,
  )
}

/**
 * Inserts each of these jobs unless its owner has a live one of that type and key, and returns that one's id by the
 * id of the job that was not inserted. Postgres waits for a transaction that is just inserting the same. Jobs that
 * were met are share-locked: none of them can end before the edges to it are committed.
 *
 * `insert` must leave out what conflicts and return the ids of what it inserted.
 */
export async function insertUnique<Row extends UniqueJob>(
  trx: Trx,
  rows: readonly Row[],
  insert: (rows: readonly Row[]) => Promise<ReadonlySet<string>>,
): Promise<Map<string, string>> {
  const existing = new Map<string, string>()
  // In one order everywhere: two transactions with the same keys then wait for each other without a deadlock.
  let open = rows.toSorted((a, b) => (uniqueName(a) < uniqueName(b) ? -1 : 1))
  for (let tries = 0; open.length > 0; tries += 1) {
    if (tries === MOST_TRIES) throw new Error('unique jobs came and went faster than they could be met')
    const inserted = await insert(open)
    const refused = open.filter((row) => !inserted.has(row.id))
    const live = await lockLive(trx, refused)
    for (const row of refused) {
      const id = live.get(uniqueName(row))
      if (id !== undefined) existing.set(row.id, id)
    }
    // What was met and has ended in between is no longer in the way.
    open = refused.filter((row) => !existing.has(row.id))
  }
  return existing
}

async function lockLive(trx: Trx, rows: readonly UniqueJob[]): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map()
  const wanted = JSON.stringify(
    rows.map(({ owner_id, type, unique_key }) => ({ owner_id, type, unique_key })),
  )
  const live = await sql<UniqueJob>`
    select job.id, job.owner_id, job.type, job.unique_key
    from jsonb_to_recordset(${wanted}::jsonb) as wanted (owner_id uuid, type text, unique_key text)
      join processing_jobs job
        on job.owner_id = wanted.owner_id and job.type = wanted.type and job.unique_key = wanted.unique_key
    where job.status in ('pending', 'queued', 'running', 'waiting')
    order by job.id for share of job`.execute(trx)
  return new Map(live.rows.map((row) => [uniqueName(row), row.id]))
}

const UNIQUE_VIOLATION = '23505'

/** For an update that makes an ended job live again. The transaction is lost with it. */
export function orDuplicate(error: unknown): never {
  if (sqlState(error) !== UNIQUE_VIOLATION) throw error
  throw new FatalError('job-duplicate', 'another job with the same unique key is at it', { cause: error })
}
