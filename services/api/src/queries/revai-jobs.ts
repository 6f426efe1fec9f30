import type { RevAiNotification } from '@app/contracts'
import type { Db } from '@app/db'
import { parseRevaiTag, RevaiSubmission, submittedStep } from '@app/providers'

/**
 * The job that a notification is about: its metadata name one of ours, which has submitted this very remote job, or is
 * about to write down what it has submitted. Undefined for any other.
 */
export async function jobOfNotification(
  db: Db,
  { job }: RevAiNotification,
): Promise<{ id: string; isEnded: boolean } | undefined> {
  const tag = parseRevaiTag(job.metadata)
  if (!tag) return undefined
  const row = await db
    .selectFrom('processing_jobs')
    .leftJoin('job_steps', (join) =>
      join
        .onRef('job_steps.job_id', '=', 'processing_jobs.id')
        .on('job_steps.key', '=', submittedStep(tag.number)),
    )
    .select(['processing_jobs.status', 'job_steps.value'])
    .where('processing_jobs.id', '=', tag.jobId)
    .where('processing_jobs.queue', '=', 'transcribe')
    .executeTakeFirst()
  if (!row) return undefined
  // A completed job's steps are gone with it.
  const isEnded = ['completed', 'failed', 'cancelled'].includes(row.status)
  const kept = row.value === null ? undefined : RevaiSubmission.safeParse(row.value).data
  return kept && kept.remoteId !== job.id ? undefined : { id: tag.jobId, isEnded }
}
