import { drainQueue, queueState } from '@app/jobs'
import { abortableDelay } from '@app/runtime'
import type { Outcome, QueueContext } from './outcome.ts'

const EVERY_MS = 500

interface Drain {
  queue: string
  reason: string | undefined
  timeoutMs: number
}

/** Pauses the queue, and waits until nothing of it runs. It stays paused, whether or not that came in time. */
export async function drain(
  { db, bus, who, progress }: QueueContext,
  { queue, reason, timeoutMs }: Drain,
): Promise<Outcome> {
  await drainQueue(db, queue, { who, reason })
  const endMs = performance.now() + timeoutMs
  for (let told = -1; ; ) {
    const state = await queueState(db, bus, queue)
    const running = state?.jobs.running ?? 0
    if (running === 0) return { lines: [`${queue} is drained: nothing of it runs`], data: state }
    const leftMs = endMs - performance.now()
    if (leftMs <= 0) {
      const failures = [`${running} of ${queue} still run; the queue stays paused`]
      return { lines: [], data: state, failures }
    }
    if (running !== told) progress(`${queue}: ${running} still run`)
    told = running
    await abortableDelay(Math.min(EVERY_MS, leftMs))
  }
}
