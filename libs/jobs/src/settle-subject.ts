import type { Trx } from '@app/db'
import { overallStatus } from '@app/flows'

/**
 * Brings the thing's own status in line with its jobs', in the transaction that changed one of them.
 * The row is locked first: of two last siblings that commit together, the second then sees the first.
 */
export async function settleSubject(trx: Trx, kind: string, subjectId: string): Promise<void> {
  if (kind !== 'audiobook') return
  const book = await trx
    .selectFrom('audiobooks')
    .select('status')
    .where('id', '=', subjectId)
    .forUpdate()
    .executeTakeFirst()
  if (!book) return
  const jobs = await trx
    .selectFrom('processing_jobs')
    .select('status')
    .distinct()
    .where('subject_id', '=', subjectId)
    .execute()
  const status = overallStatus(jobs.map((job) => job.status))
  if (status !== book.status) {
    await trx.updateTable('audiobooks').set({ status }).where('id', '=', subjectId).execute()
  }
}
