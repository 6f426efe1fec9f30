import { redriveJob } from '@app/jobs'
import { errorCode, FatalError } from '@app/runtime'
import { jobIdOf } from './letter-or-job.ts'
import type { Outcome, QueueContext } from './outcome.ts'

/** Gives one job a new life, at once. */
export async function redrive({ db, bus, who }: QueueContext, { id }: { id: string }): Promise<Outcome> {
  const jobId = await jobIdOf(db, id)
  try {
    await redriveJob(db, jobId, who)
  } catch (error) {
    if (errorCode(error) !== 'job-not-found') throw error
    throw new FatalError('job-not-found', 'there is no job and no dead letter with this id', { cause: error })
  }
  // A hint; without it the job is found at the services' next look, some two seconds later.
  await bus?.wakeDispatchers().catch(() => {})
  return { lines: [`job ${jobId} is on its way again`], data: { jobId } }
}
