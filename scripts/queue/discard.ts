import { type DeadLetterFilter, discardDeadLetter, discardDeadLetters } from '@app/jobs'
import type { Outcome, QueueContext } from './outcome.ts'

/** Closes a dead letter for good; its job stays failed and can still be redriven by the job's id. */
export async function discard(
  { db, who }: QueueContext,
  { id, reason }: { id: string; reason: string },
): Promise<Outcome> {
  await discardDeadLetter(db, id, { who, reason })
  return { lines: [`dead letter ${id} is discarded`], data: { discarded: 1 } }
}

/** The same for all that are meant. */
export async function discardMany(
  { db, who }: QueueContext,
  { filter, reason }: { filter: DeadLetterFilter; reason: string },
): Promise<Outcome> {
  const discarded = await discardDeadLetters(db, filter, { who, reason })
  const line =
    discarded === 0 ? 'No open dead letters: nothing to do.' : `${discarded} dead letters are discarded`
  return { lines: [line], data: { discarded } }
}
