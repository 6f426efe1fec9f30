import type { Db } from '@app/db'
import { sql } from 'kysely'
import type { HoldReason } from './hold-reasons.ts'

/** Rows released by one statement. */
const BATCH = 1_000

/** Parks a job that was not claimed, because its ticket is of another version. Returns whether it was. */
export async function parkUnclaimed(
  db: Db,
  { jobId, fence }: { jobId: string; fence: number },
  hold: HoldReason,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('processing_jobs')
    .set({
      hold_reason: hold,
      fence: sql<number>`fence + 1`,
      ...{ entry_id: null, dispatch_after: null, dispatched_at: null },
    })
    .where('id', '=', jobId)
    .where('fence', '=', fence)
    .where('status', '=', 'queued')
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export interface Release {
  /** Of what this one knows; of what any living worker knows where it is left out. */
  workerId?: string
  /** Of each type that only some of its queue's workers know. */
  most: number
}

/**
 * Lets parked jobs go on that a living worker of their queue knows; returns how many. All of them once every one there
 * knows them; before that, during an upgrade, a few at a time, because tickets can't be addressed and an old worker
 * that reads one parks its job again.
 */
export async function releaseParked(db: Db, { workerId, most }: Release): Promise<number> {
  let released = 0
  for (;;) {
    const { numAffectedRows = 0n } = await sql`
      with live as materialized (
        select id, queues, job_types from workers
        where beat_at > now() - stale_after_ms * interval '1 millisecond'
      ), known as (
        select distinct queue, job_type from live
          cross join lateral jsonb_array_elements_text(queues) as queue
          cross join lateral jsonb_array_elements_text(job_types) as job_type
        where ${workerId ?? null}::text is null or id = ${workerId ?? null}
      )
      update processing_jobs set hold_reason = null
      where id = any(array(
        select job.id from known cross join lateral (
          select id from processing_jobs
          where status = 'queued' and queue = known.queue and hold_reason in
            ('unknown-type:' || job_type, 'unknown-version:' || job_type, 'unknown-ticket:' || job_type)
          order by run_at, id
          limit case when exists (
            select from live where queues @> to_jsonb(known.queue) and not job_types @> to_jsonb(known.job_type)
          ) then ${most}::int else ${BATCH} end
          for update skip locked
        ) job
      ))`.execute(db)
    released += Number(numAffectedRows)
    if (numAffectedRows < BATCH) return released
  }
}
