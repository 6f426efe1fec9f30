import type { Ticket } from '@app/contracts'
import type { Db, ProcessingJobs } from '@app/db'
import { type Selectable, sql } from 'kysely'

export type JobRow = Selectable<ProcessingJobs>

export interface Holder {
  workerId: string
  entryId: string
}

/**
 * Claims a queued job for a freshly delivered ticket. `undefined` means that there is nothing to do: it runs, is
 * done, or the ticket is superseded. So a ticket that was published twice is harmless.
 *
 * A claim or take-over whose answer was lost is recognised: the row already runs under this worker and this entry.
 */
export async function claimJob(db: Db, ticket: Ticket, holder: Holder): Promise<JobRow | undefined> {
  return await db
    .updateTable('processing_jobs')
    .set((eb) => ({
      status: 'running',
      worker_id: holder.workerId,
      entry_id: holder.entryId,
      started_at: eb.fn.coalesce('started_at', sql<Date>`now()`),
      deliveries: eb('deliveries', '+', 1),
    }))
    .where('id', '=', ticket.jobId)
    .where((eb) =>
      eb.or([
        eb.and([eb('status', '=', 'queued'), eb('fence', '=', ticket.fence)]),
        eb.and([
          eb('status', '=', 'running'),
          eb('worker_id', '=', holder.workerId),
          eb('entry_id', '=', holder.entryId),
        ]),
      ]),
    )
    .returningAll()
    .executeTakeFirst()
}

/**
 * Takes over a job whose worker has let the lease of this very entry run out: the fence rises, so that the old
 * worker, should it still live, can write nothing more.
 */
export async function takeOverJob(db: Db, jobId: string, holder: Holder): Promise<JobRow | undefined> {
  return await db
    .updateTable('processing_jobs')
    .set((eb) => ({
      worker_id: holder.workerId,
      fence: eb('fence', '+', 1),
      crashes: eb('crashes', '+', 1),
      deliveries: eb('deliveries', '+', 1),
    }))
    .where('id', '=', jobId)
    .where('status', '=', 'running')
    .where('entry_id', '=', holder.entryId)
    .where('worker_id', '!=', holder.workerId)
    .returningAll()
    .executeTakeFirst()
}
