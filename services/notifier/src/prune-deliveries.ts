import { type Db, inTransaction } from '@app/db'
import { DELIVERY } from '@app/flows'
import { type Logger, type Part, repeating } from '@app/runtime'
import { sql } from 'kysely'

const EVERY_MS = 60 * 60_000
const BATCH = 1_000

interface PruneOptions {
  db: Db
  log: Logger
  keepDays: number
}

/** Removes deliveries that ended long ago, with their jobs, and callbacks nobody names. Any number of processes may do so. */
export function createDeliveryPruner({ db, log, keepDays }: PruneOptions): Part {
  return repeating({
    name: 'old deliveries',
    everyMs: EVERY_MS,
    log,
    async work(signal) {
      const prune = async (what: string, some: typeof pruneDeliveries) => {
        for (let removed = BATCH; removed === BATCH && !signal.aborted; ) {
          removed = await some(db, keepDays, BATCH)
          if (removed > 0) log.info({ removed }, `old ${what} were removed`)
        }
      }
      await prune('deliveries', pruneDeliveries)
      await prune('callbacks', pruneCallbacks)
    },
  })
}

/** Removes at most so many that are older than that and wait for nothing. Returns how many those were. */
export async function pruneDeliveries(db: Db, keepDays: number, most: number): Promise<number> {
  const { rows } = await sql`
    with old as (
      select id from webhook_deliveries
      where status <> 'pending' and created_at < now() - ${keepDays} * interval '1 day'
      order by created_at limit ${most}
      for update skip locked
    ), jobs as (
      delete from processing_jobs where subject_kind = ${DELIVERY} and subject_id in (select id from old)
    )
    delete from webhook_deliveries where id in (select id from old) returning id`.execute(db)
  return rows.length
}

/** The same of webhooks that were made for a `callback_url`, once neither a clip nor a delivery names them. */
export async function pruneCallbacks(db: Db, keepDays: number, most: number): Promise<number> {
  const unnamed = sql`not exists (select from clips where webhook_id = w.id)
    and not exists (select from webhook_deliveries where webhook_id = w.id)`
  return await inTransaction(db, async (trx) => {
    const { rows } = await sql<{ id: string }>`
      select id from webhooks w
      where origin = 'callback' and created_at < now() - ${keepDays} * interval '1 day' and ${unnamed}
      limit ${most} for update skip locked`.execute(trx)
    const ids = rows.map(({ id }) => id)
    // Asked again: only now that it is locked can no new clip name it (its insert locks the callback first).
    const removed = await sql`
      delete from webhooks w where id = any(${ids}) and ${unnamed} returning id`.execute(trx)
    return removed.rows.length
  })
}
