import { openDeadLetters, redriveJob } from '@app/jobs'
import { errorCode, errorMessage, FatalError } from '@app/runtime'
import type { Outcome, QueueContext } from './outcome.ts'
import type { RedriveTarget } from './parse-command.ts'

/** As many as one call takes on; whoever has more dead letters than this looks into them first. */
const MOST = 10_000

/** Gives jobs a new life. One that refuses does not keep the others from theirs. */
export async function redrive(context: QueueContext, target: RedriveTarget): Promise<Outcome> {
  const jobIds = 'id' in target ? [await jobIdOf(context, target.id)] : await jobIdsOf(context, target.queue)
  const outcome: Outcome = { lines: [], failures: [] }
  for (const jobId of jobIds) {
    try {
      await redriveJob(context.db, jobId, context.who)
      outcome.lines.push(`job ${jobId} is on its way again`)
    } catch (error) {
      if (!(error instanceof FatalError)) throw error
      outcome.failures.push(`job ${jobId}: ${refusal(error)}`)
    }
  }
  // A hint; without it they are found at the services' next look, some two seconds later.
  await context.bus?.wakeDispatchers().catch(() => {})
  if (jobIds.length === 0) outcome.lines.push('No open dead letters: nothing to do.')
  if (jobIds.length === MOST)
    outcome.lines.push(`These were the oldest ${MOST}; run it again for the others.`)
  return outcome
}

/** People copy the one id or the other; a dead letter stands for its job. */
async function jobIdOf({ db }: QueueContext, id: string): Promise<string> {
  const letter = await db.selectFrom('dead_letters').select('job_id').where('id', '=', id).executeTakeFirst()
  return letter?.job_id ?? id
}

async function jobIdsOf({ db }: QueueContext, queue: string | undefined): Promise<string[]> {
  const letters = await openDeadLetters(db, { ...(queue === undefined ? {} : { queue }), limit: MOST })
  return [...new Set(letters.map((letter) => letter.jobId))]
}

function refusal(error: FatalError): string {
  if (errorCode(error) === 'job-not-found') return 'there is no job and no dead letter with this id'
  return errorMessage(error)
}
