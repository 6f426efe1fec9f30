import { deadLetterById } from '@app/jobs'
import { oneLine } from './format-table.ts'
import { letterIdOf } from './letter-or-job.ts'
import type { Outcome, QueueContext } from './outcome.ts'

/** One dead letter with all that is known of it. */
export async function showDeadLetter({ db }: QueueContext, { id }: { id: string }): Promise<Outcome> {
  const letter = await deadLetterById(db, await letterIdOf(db, id))
  const dealtWith = letter.resolvedBy
    ? `${letter.resolution} by ${letter.resolvedBy} at ${letter.resolvedAt?.toISOString()}`
    : 'nobody has dealt with it'
  const facts = {
    'dead letter': letter.id,
    job: `${letter.jobType} ${letter.jobId}, ${letter.jobStatus} now`,
    queue: letter.queue,
    error: `${letter.errorClass}, ${letter.errorCode}`,
    group: letter.fingerprint,
    attempts: `${letter.attempts}, and ${letter.crashes} crashes`,
    worker: letter.workerId ?? 'unknown',
    first: letter.firstSeenAt.toISOString(),
    last: letter.diedAt.toISOString(),
    since: letter.reason === null ? dealtWith : `${dealtWith}: ${letter.reason}`,
    message: oneLine(letter.message),
  }
  const lines = Object.entries(facts).map(([name, fact]) => `${name.padEnd(12)} ${fact}`)
  // Each line by itself: the text is of whatever went wrong, and must not steer the terminal.
  const stack = (letter.stack ?? '').split('\n').map((line) => `  ${oneLine(line)}`)
  return { lines: [...lines, ...(letter.stack === null ? [] : ['', ...stack])], data: letter }
}
