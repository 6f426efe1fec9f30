import { discardDeadLetter } from '@app/jobs'
import { FatalError } from '@app/runtime'
import type { Outcome, QueueContext } from './outcome.ts'

/** Closes a dead letter for good; its job stays failed and can still be redriven by the job's id. */
export async function discard(
  { db, who }: QueueContext,
  { deadLetterId, reason }: { deadLetterId: string; reason: string },
): Promise<Outcome> {
  try {
    await discardDeadLetter(db, deadLetterId, { who, reason })
    return { lines: [`dead letter ${deadLetterId} is discarded`], failures: [] }
  } catch (error) {
    if (!(error instanceof FatalError)) throw error
    return { lines: [], failures: [error.message] }
  }
}
