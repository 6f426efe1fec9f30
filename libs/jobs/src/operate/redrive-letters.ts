import type { Db, Trx } from '@app/db'
import { sql } from 'kysely'
import { meantBy } from './dead-letters.ts'

/** Of a large redrive only so many that are under way are looked at in one step, the oldest first. */
const MOST_LOOKED_AT = 5_000

interface Meant {
  id: string
  queue: string | null
  fingerprint: string | null
}

/**
 * What a redrive has yet to give back: letters that were open when it began, whose jobs have not got a new life some
 * other way. What it has tried in vain bears its id and is left out, or it would never be done.
 */
export function notGivenBack(db: Db | Trx, { id, queue, fingerprint }: Meant) {
  return (
    db
      .selectFrom('dead_letters')
      .innerJoin('processing_jobs as job', 'job.id', 'dead_letters.job_id')
      .where(meantBy({ queue: queue ?? undefined, fingerprint: fingerprint ?? undefined }))
      .where('job.status', 'in', ['failed', 'cancelled'])
      // By Postgres' own value: a Date has lost the microseconds.
      .where('died_at', '<=', (eb) => eb.selectFrom('redrives').select('created_at').where('id', '=', id))
      .where(sql<boolean>`redrive_id is distinct from ${id}`)
  )
}

/** What became of `job` since `letter` was redriven; null while it is under way. */
export const outcomeNow = sql`case
  when letter.redrive_outcome is not null then letter.redrive_outcome
  when exists (
    select from dead_letters again where again.job_id = letter.job_id and again.died_at > letter.resolved_at
  ) then 'failed'
  when job.status in ('completed', 'failed', 'cancelled') then job.status
end`

/** Writes down what has ended since the last step, so that no step counts all of a large redrive anew. */
export async function noteOutcomes(trx: Trx, redriveId: string): Promise<void> {
  await sql`
    update dead_letters set redrive_outcome = ended.outcome
    from (
      select letter.id, ${outcomeNow} as outcome
      from (
        select id, job_id, resolved_at, redrive_outcome from dead_letters
        where redrive_id = ${redriveId} and redrive_outcome is null and resolution = 'redriven'
        order by resolved_at limit ${MOST_LOOKED_AT}
      ) letter join processing_jobs job on job.id = letter.job_id
    ) ended
    where dead_letters.id = ended.id and ended.outcome is not null`.execute(trx)
}

export async function tally(trx: Trx, redriveId: string): Promise<{ completed: number; failed: number }> {
  const { rows } = await sql<{ completed: number; failed: number }>`
    select count(*) filter (where redrive_outcome = 'completed')::int as completed,
      count(*) filter (where redrive_outcome = 'failed')::int as failed
    from dead_letters where redrive_id = ${redriveId} and redrive_outcome in ('completed', 'failed')`.execute(
    trx,
  )
  return rows[0] ?? { completed: 0, failed: 0 }
}
