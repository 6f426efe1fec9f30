import { whyNotRunning } from '@app/jobs'
import { oneLine } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

/** Why a job does not run, what is decisive first. */
export async function why({ db, bus }: QueueContext, { jobId }: { jobId: string }): Promise<Outcome> {
  const answer = await whyNotRunning(db, bus, jobId)
  const lines = answer.reasons.map(({ code, message }) => `  ${code}: ${oneLine(message)}`)
  return { lines: [`job ${jobId} is ${answer.status}`, ...lines], data: answer }
}
