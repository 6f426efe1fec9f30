import { pauseQueue, queueState, resumeQueue } from '@app/jobs'
import type { Outcome, QueueContext } from './outcome.ts'

interface Pause {
  queue: string
  reason: string | undefined
}

/** Stops the starts of a queue's jobs. */
export async function pause({ db, bus, who }: QueueContext, { queue, reason }: Pause): Promise<Outcome> {
  await pauseQueue(db, queue, { who, reason })
  const state = await queueState(db, bus, queue)
  const { queued = 0, running = 0 } = state?.jobs ?? {}
  return { lines: [`${queue} is paused: ${queued} wait, ${running} still run`], data: state }
}

/** Lets them start again. */
export async function resume({ db, bus, who }: QueueContext, { queue }: { queue: string }): Promise<Outcome> {
  const wasPaused = await resumeQueue({ db, bus }, queue, who)
  const line = wasPaused ? `${queue} goes on` : `${queue} was not paused`
  return { lines: [line], data: await queueState(db, bus, queue) }
}
