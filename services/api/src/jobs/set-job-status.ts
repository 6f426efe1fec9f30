import { type JobStatusSet, jobDefinition, type SetJobStatus } from '@app/contracts'
import type { Db } from '@app/db'
import { claimOutside, failOutside, reportOutside, submitOutside } from '@app/jobs'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { problemsOf } from '../http/validated.ts'

interface SetJobStatusDeps {
  db: Db
  /** Something may be due now, and something has changed that streams show. */
  onChange: (subjectId: string) => void
}

/**
 * What a worker outside our services says about a job, through the same state machine as ours: `running` claims it and
 * answers the fence, which every later call must carry; `completed` hands in a result of the job type's own shape,
 * which the job's service then saves as its own.
 */
export async function setJobStatus(
  { db, onChange }: SetJobStatusDeps,
  { jobId, who, body }: { jobId: string; who: string; body: SetJobStatus },
): Promise<JobStatusSet> {
  const job = await move(db, jobId, who, body)
  onChange(job.subject_id)
  return { job_id: jobId, status: job.status, fence: job.fence }
}

async function move(db: Db, jobId: string, who: string, body: SetJobStatus) {
  const { status, fence, progress } = body
  if (fence === undefined) return await claimOutside(db, jobId, who)
  switch (status) {
    case 'running':
      return await reportOutside(db, jobId, fence, progress)
    case 'completed':
      return await submitOutside(db, jobId, fence, await resultOf(db, jobId, body.output))
    case 'failed':
      return await failOutside(db, jobId, fence, body.error_message ?? 'the outside worker gave no reason')
  }
}

/** The output parsed by the job type's contract; what is wrong with it is said field by field. */
async function resultOf(db: Db, jobId: string, output: unknown): Promise<unknown> {
  const job = await db.selectFrom('processing_jobs').select('type').where('id', '=', jobId).executeTakeFirst()
  if (!job) throw notFound('job')
  const parsed = jobDefinition(job.type)?.result.safeParse(output)
  if (parsed === undefined) throw new Refusal('job-wrong-state', `nobody knows what a ${job.type} gives`)
  if (parsed.success) return parsed.data
  const details = problemsOf(parsed.error, ['output'])
  throw new Refusal('invalid-body', `the output is not what a ${job.type} gives`, { details })
}
