import type { JobStatusSet } from '@app/contracts'
import type { Db } from '@app/db'
import { notFound } from '../http/known-id.ts'

/** A job's state as it is now. Error: `job-not-found`. */
export async function jobState(db: Db, id: string): Promise<JobStatusSet> {
  const job = await db
    .selectFrom('processing_jobs')
    .select(['status', 'fence'])
    .where('id', '=', id)
    .executeTakeFirst()
  if (!job) throw notFound('job')
  return { job_id: id, status: job.status, fence: job.fence }
}
