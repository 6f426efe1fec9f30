import { cancelBook, cancelJob } from '@app/jobs'
import type { Outcome, QueueContext } from './outcome.ts'

/** Cancels one job; its worker is told at once where Redis is there, and else finds out at its next beat. */
export async function cancel({ db, bus, who }: QueueContext, { jobId }: { jobId: string }): Promise<Outcome> {
  await cancelJob({ db, bus }, jobId, who)
  return { lines: [`job ${jobId} is cancelled`], data: { cancelled: 1 } }
}

/** All of a book's that have not ended. */
export async function cancelWholeBook(
  { db, bus, who }: QueueContext,
  { audiobookId }: { audiobookId: string },
): Promise<Outcome> {
  const cancelled = await cancelBook({ db, bus }, audiobookId, who)
  return { lines: [`${cancelled} jobs of audiobook ${audiobookId} are cancelled`], data: { cancelled } }
}
