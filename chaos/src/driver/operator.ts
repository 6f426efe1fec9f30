import type { Db } from '@app/db'
import { openDeadLetters, redriveJob } from '@app/jobs'
import { abortableDelay } from '@app/runtime'
import type { Expectation } from './driver.ts'

const LOOKS_EVERY_MS = 3_000
/** What the campaign's own kills can make of an innocent job: its process died several times under it alone. */
const KILLED_BY_US = 'crashed-repeatedly'

/**
 * Does what an operator would who knows which processes died by accident: gives jobs that were buried only because
 * the campaign killed their process again and again back to the queue. Ends when the signal fires; resolves with how
 * many those were.
 */
export async function operate(
  db: Db,
  expected: ReadonlyMap<string, Expectation>,
  signal: AbortSignal,
): Promise<number> {
  let redriven = 0
  while (!signal.aborted) {
    // With Postgres away there is another time.
    redriven += await redriveInnocent(db, expected).catch(() => 0)
    await abortableDelay(LOOKS_EVERY_MS, signal).catch(() => {})
  }
  return redriven
}

async function redriveInnocent(db: Db, expected: ReadonlyMap<string, Expectation>): Promise<number> {
  const letters = await openDeadLetters(db)
  const innocent = letters.filter(
    ({ jobId, errorCode }) => errorCode === KILLED_BY_US && expected.get(jobId)?.end !== 'failed',
  )
  for (const { jobId } of innocent) await redriveJob(db, jobId, 'operator of the campaign')
  return innocent.length
}
