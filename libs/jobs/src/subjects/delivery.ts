import type { Trx } from '@app/db'
import { sql } from 'kysely'

/**
 * Has a delivery say so where its job will not make it: cancelled, or a dead letter. One that is redriven is pending
 * again. What the job itself writes when it completes stands.
 */
export async function settleDelivery(trx: Trx, deliveryId: string): Promise<void> {
  await sql`
    update webhook_deliveries d
    set status = case when job.ended then 'failed' else 'pending' end,
      next_attempt_at = case when job.ended then null else d.next_attempt_at end,
      error_message = case
        when job.status = 'cancelled' then 'its job was cancelled' when job.ended then job.error_message
        else d.error_message end
    from (
      select status, error_message, status in ('failed', 'cancelled') as ended from processing_jobs
      where subject_id = ${deliveryId} and type = 'deliver'
      order by created_at desc limit 1
    ) job
    where d.id = ${deliveryId} and job.status <> 'completed'
      and d.status = case when job.ended then 'pending' else 'failed' end`.execute(trx)
}
