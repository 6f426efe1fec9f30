import type { JobStatus, Lane } from '@app/contracts'
import type { Db, Trx } from '@app/db'
import { type Logger, type Part, repeating } from '@app/runtime'
import { sql } from 'kysely'

const EVERY_MS = 10_000
/** Fewer changes than this are summed up as they are read: rewriting them would gain nothing. */
const WORTH_COMPACTING = 500
const BATCH = 50_000
/** PGlite never vacuums by itself; a Postgres with autovacuum never lets the table grow this large. */
const VACUUM_FROM_BYTES = 8 * 1024 ** 2

export interface JobCount {
  queue: string
  lane: Lane
  status: JobStatus
  count: number
}

/**
 * How many jobs each queue has in each lane and state: exact as of one moment, and as cheap with a million jobs as with
 * ten, because every statement that moves jobs appends the difference it made (the triggers of `processing_jobs`).
 */
export async function jobCounts(db: Db, queue?: string): Promise<JobCount[]> {
  const { rows } = await sql<Omit<JobCount, 'count'> & { count: string }>`
    select queue, lane, status, sum(change)::bigint as count from job_count_changes
    where ${queue ?? null}::text is null or queue = ${queue ?? null}
    group by queue, lane, status having sum(change) <> 0
    order by queue, lane, status`.execute(db)
  return rows.map((row) => ({ ...row, count: Number(row.count) }))
}

/**
 * Replaces changes by their sum, in one statement, so that a reader sees either and the sum is the same. What another
 * process is at is skipped: nobody waits, and each change is taken once. Returns how many changes were taken.
 */
export async function compactJobCounts(db: Db | Trx, atLeast = WORTH_COMPACTING): Promise<number> {
  const { rows } = await sql<{ taken: number }>`
    with stacked as (
      select ctid from job_count_changes
      where (select count(*) from (select from job_count_changes limit ${atLeast}) as sample) >= ${atLeast}
      limit ${BATCH}
      for update skip locked
    ), taken as (
      delete from job_count_changes where ctid = any(array(select ctid from stacked))
      returning queue, lane, status, change
    ), summed as (
      insert into job_count_changes
      select queue, lane, status, sum(change) from taken group by 1, 2, 3 having sum(change) <> 0
    )
    select count(*)::int as taken from taken`.execute(db)
  return rows[0]?.taken ?? 0
}

/** Keeps the counts cheap to read. In every process: whoever comes first does it, the others find nothing to do. */
export function createCountCompactor({ db, log }: { db: Db; log: Logger }): Part {
  return repeating({
    name: 'count compactor',
    everyMs: EVERY_MS,
    log,
    async work(signal) {
      let taken = 0
      do {
        taken = await compactJobCounts(db)
        // What was not touched has not grown either.
        if (taken > 0) await vacuumLarge(db)
      } while (!signal.aborted && taken === BATCH)
    },
  })
}

async function vacuumLarge(db: Db): Promise<void> {
  const { rows } = await sql<{ isLarge: boolean }>`
    select pg_relation_size('job_count_changes') > ${VACUUM_FROM_BYTES} as "isLarge"`.execute(db)
  if (rows[0]?.isLarge) await sql`vacuum (skip_locked) job_count_changes`.execute(db)
}
