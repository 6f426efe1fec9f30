import type { Ticket } from '@app/contracts'
import type { Db, ProcessingJobs } from '@app/db'
import { type Selectable, sql } from 'kysely'
import { type Run, stillMine } from './run.ts'

export type JobRow = Selectable<ProcessingJobs>

export interface Holder {
  workerId: string
  entryId: string
}

export interface Claim {
  ticket: Ticket
  holder: Holder
}

/**
 * Claims queued jobs for freshly delivered tickets. `undefined` means that there is nothing to do: the job runs, is
 * done, or the ticket is superseded. So a ticket that was published twice is harmless.
 *
 * A claim or take-over whose answer was lost is recognised: the row already runs under this worker and this entry.
 */
export async function claimJobs(db: Db, claims: readonly Claim[]): Promise<(JobRow | undefined)[]> {
  const wanted = claims.map(({ ticket, holder }) => ({
    id: ticket.jobId,
    fence: ticket.fence,
    worker_id: holder.workerId,
    entry_id: holder.entryId,
  }))
  const { rows } = await sql<JobRow>`select * from claim_jobs(${JSON.stringify(wanted)}::jsonb)`.execute(db)
  // Two entries of one job may stand in one batch: only that which the row names has it.
  const byEntry = new Map(rows.map((row) => [`${row.id} ${row.entry_id}`, row]))
  return claims.map(({ ticket, holder }) => byEntry.get(`${ticket.jobId} ${holder.entryId}`))
}

/** One claim by itself. */
export async function claimJob(db: Db, ticket: Ticket, holder: Holder): Promise<JobRow | undefined> {
  const [row] = await claimJobs(db, [{ ticket, holder }])
  return row
}

/**
 * Takes over a job whose worker has let the lease of this very entry run out: the fence rises, so that the old
 * worker, should it still live, can write nothing more. From now on the job runs alone in its process; only a crash of
 * a run that did is held against it.
 */
export async function takeOverJob(db: Db, jobId: string, holder: Holder): Promise<JobRow | undefined> {
  return await db
    .updateTable('processing_jobs')
    .set((eb) => ({
      worker_id: holder.workerId,
      fence: eb('fence', '+', 1),
      crashes: eb('crashes', '+', 1),
      crashes_alone: sql<number>`crashes_alone + alone::int`,
      alone: false,
      deliveries: eb('deliveries', '+', 1),
    }))
    .where('id', '=', jobId)
    .where('status', '=', 'running')
    .where('entry_id', '=', holder.entryId)
    .where('worker_id', '!=', holder.workerId)
    .returningAll()
    .executeTakeFirst()
}

/**
 * Says that this run has its process to itself from here on; false where the job is no longer this run's. Not said
 * before it begins: what kills the process while the job waits for its turn is one of its neighbours.
 */
export async function markAlone(db: Db, run: Pick<Run, 'jobId' | 'fence'>): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('processing_jobs')
    .set({ alone: true })
    .where(stillMine(run))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}
