import type { Db } from '@app/db'
import { sql } from 'kysely'

export interface Call {
  jobId: string
  /** How soon it should come. */
  waitMs: number
}

/**
 * Lets jobs that wait for this limit come as soon as they are called, never later than they would. Returns those
 * that wait for it no more: cancelled, deleted, or ended some other way.
 */
export async function callWaiting(db: Db, waitingFor: string, calls: readonly Call[]): Promise<string[]> {
  if (calls.length === 0) return []
  const called = sql`jsonb_to_recordset(${JSON.stringify(calls)}::jsonb) as called ("jobId" uuid, "waitMs" float8)`
  // Rows in another transaction's hands are on their way already.
  await sql`
    update processing_jobs job set run_at = now() + "waitMs" * interval '1 millisecond'
    from ${called}
    where job.id = called."jobId" and job.id in (
      select id from processing_jobs
      where id in (select "jobId" from ${called}) and status = 'queued' and waiting_for = ${waitingFor}
        and run_at > now()
      order by id
      for update skip locked
    )
    and run_at > now() + "waitMs" * interval '1 millisecond'`.execute(db)
  const { rows } = await sql<{ jobId: string }>`
    select "jobId" from ${called}
    where not exists (
      select from processing_jobs job
      where job.id = called."jobId"
        and (job.status = 'running' or (job.status = 'queued' and job.waiting_for = ${waitingFor}))
    )`.execute(db)
  return rows.map(({ jobId }) => jobId)
}

/** The first few of those that wait for this limit come now, where Redis was emptied and knows none of them. */
export async function callFirst(db: Db, waitingFor: string, most: number): Promise<void> {
  await sql`
    update processing_jobs set run_at = now()
    where id in (
      select id from processing_jobs
      where status = 'queued' and waiting_for = ${waitingFor} and run_at > now()
      order by run_at, id limit ${most}
      for update skip locked
    )`.execute(db)
}

/** The names of all limits that some job waits for: each found by one step of the index, however many wait. */
export async function limitsWaitedFor(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    with recursive names (name) as (
      (select min(waiting_for) from processing_jobs where status = 'queued' and waiting_for is not null)
      union all
      select (
        select min(waiting_for) from processing_jobs
        where status = 'queued' and waiting_for is not null and waiting_for > name
      )
      from names where name is not null
    )
    select name from names where name is not null`.execute(db)
  return rows.map(({ name }) => name)
}
