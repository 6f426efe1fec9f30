import type { Db } from '@app/db'
import { sql } from 'kysely'
import type { DueJob } from './mark-due.ts'

export type SentJob = Pick<DueJob, 'id' | 'fence'> & { entryId: string }

/**
 * Writes down which entry each ticket became. Guarded by status and fence: the ticket may have been claimed, run and
 * failed by now. A row that is locked is being claimed at this moment, which says more than we know; waiting for it could
 * deadlock.
 */
export async function confirmSent(db: Db, sent: readonly SentJob[]): Promise<void> {
  const rows = JSON.stringify(sent.map(({ id, fence, entryId }) => ({ id, fence, entry_id: entryId })))
  await sql`
    update processing_jobs job set dispatched_at = now(), entry_id = sent.entry_id
    from jsonb_to_recordset(${rows}::jsonb) as sent (id uuid, fence int, entry_id text)
    where job.id = sent.id and job.fence = sent.fence and job.status = 'queued' and job.id = any(array(
      select id from processing_jobs
      where id = any(${sent.map(({ id }) => id)}::uuid[]) and status = 'queued'
      order by id for update skip locked
    ))
    -- What a crash of Postgres loses of this is found by reconciling: nobody waits for the disk.
    and (select set_config('synchronous_commit', 'off', true)) = 'off'`.execute(db)
}
