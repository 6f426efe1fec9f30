import type { Trx } from '@app/db'
import { overallStatus } from '@app/flows'
import { sql } from 'kysely'

/** Brings a book's status in line with its jobs'. */
export async function settleAudiobook(trx: Trx, audiobookId: string): Promise<void> {
  const book = await trx
    .selectFrom('audiobooks')
    .select('status')
    .where('id', '=', audiobookId)
    .forUpdate()
    .executeTakeFirst()
  if (!book) return
  const jobs = await trx
    .selectFrom('processing_jobs')
    .select('status')
    .distinct()
    .where('subject_id', '=', audiobookId)
    .where('subject_kind', '=', 'audiobook')
    .execute()
  const statuses = jobs.map((job) => job.status)
  const stuck = overallStatus(statuses) === 'failed' && statuses.includes('pending')
  const status = stuck && (await waitsForOthers(trx, audiobookId)) ? 'processing' : overallStatus(statuses)
  if (status !== book.status) {
    await trx.updateTable('audiobooks').set({ status }).where('id', '=', audiobookId).execute()
  }
}

/** A unique job that was there already is another thing's: this one goes on when that one does. */
async function waitsForOthers(trx: Trx, audiobookId: string): Promise<boolean> {
  const { rows } = await sql`
    select from processing_jobs job
      join job_dependencies edge on edge.job_id = job.id
      join processing_jobs other on other.id = edge.depends_on
    where job.subject_id = ${audiobookId} and job.subject_kind = 'audiobook' and job.status = 'pending' and other.subject_id <> ${audiobookId}
      and other.status in ('pending', 'queued', 'running', 'waiting')
    limit 1`.execute(trx)
  return rows.length > 0
}
