import { type Db, inTransaction } from '@app/db'
import { FenceLostError } from '@app/jobs'
import { sql } from 'kysely'
import { TEST } from './end-delivery.ts'

interface FailedTry {
  deliveryId: string
  status: number | undefined
  error: string
  /** Until the next one. */
  delayMs: number
  /** For how long nothing at all is sent there. */
  throttleMs: number
}

/** Counts a try that failed and is not the last, while the job is this run's. Error: `job-fence-lost`. */
export async function noteFailedTry(
  db: Db,
  { id: jobId, fence }: { id: string; fence: number },
  { deliveryId, status, error, delayMs, throttleMs }: FailedTry,
): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { rows } = await sql`
      select from processing_jobs where id = ${jobId} and status = 'running' and fence = ${fence}
      for share`.execute(trx)
    if (rows.length === 0) throw new FenceLostError(jobId)
    await sql`
      update webhooks w
      set failing_since = coalesce(w.failing_since, case when d.event_type <> ${TEST} then now() end),
        throttled_until = case when ${throttleMs}::float8 > 0
          then greatest(w.throttled_until, ${fromNow(throttleMs)}) else w.throttled_until end
      from webhook_deliveries d
      where d.id = ${deliveryId} and w.id = d.webhook_id
        and (w.failing_since is null or ${throttleMs}::float8 > 0)`.execute(trx)
    await sql`
      update webhook_deliveries
      set attempts = attempts + 1, response_status = ${status ?? null}, error_message = ${error},
        next_attempt_at = ${fromNow(delayMs)}
      where id = ${deliveryId}`.execute(trx)
  })
}

const fromNow = (ms: number) => sql`now() + ${ms} * interval '1 millisecond'`
