import { abortableDelay } from '@app/runtime'
import type { Shell } from './shell.ts'

/** Between two turns, while old workers may hand back what they can't run. */
const TURN_MS = 500

interface Slots {
  queues: readonly string[]
  /** Of each queue. */
  concurrency: number
}

/**
 * Lets parked jobs go on that this process knows. While others of its queue don't know them a ticket may come to one of
 * those, and its job is parked again; so only as many go at a time as there are slots free here, in turns, for as long
 * as there are any: nothing goes round for nobody.
 */
export function createParkedReleases(
  { jobs, workerId, active, dispatchSoon }: Pick<Shell, 'jobs' | 'workerId' | 'active' | 'dispatchSoon'>,
  { queues, concurrency }: Slots,
) {
  const stopping = new AbortController()
  let turns: Promise<void> | undefined

  return {
    /** Resolves after the first turn. Rejects where Postgres is away. */
    async begin(): Promise<void> {
      if (turns || (await turn()) === 0) return
      turns ??= goOn()
        .catch(() => {})
        .finally(() => {
          turns = undefined
        })
    },

    async stop(): Promise<void> {
      stopping.abort()
      await turns
    },
  }

  async function goOn(): Promise<void> {
    do await abortableDelay(TURN_MS, stopping.signal)
    while ((await turn()) > 0)
  }

  async function turn(): Promise<number> {
    const free = Math.max(concurrency * queues.length - active.runs.size, 0)
    const released = await jobs.releaseParked({ workerId, most: Math.min(free, concurrency) })
    if (released > 0) dispatchSoon()
    return released
  }
}
