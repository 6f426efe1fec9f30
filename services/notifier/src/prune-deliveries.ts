import type { Db } from '@app/db'
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

/** Removes deliveries that ended long ago, with their jobs. Any number of processes may do so. */
export function createDeliveryPruner({ db, log, keepDays }: PruneOptions): Part {
  return repeating({
    name: 'old deliveries',
    everyMs: EVERY_MS,
    log,
    async work(signal) {
      for (let removed = BATCH; removed === BATCH && !signal.aborted; ) {
        removed = await pruneDeliveries(db, keepDays, BATCH)
        if (removed > 0) log.info({ removed }, 'old deliveries were removed')
      }
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
