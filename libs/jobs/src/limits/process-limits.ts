import type { LeasedSlot } from '@app/bus'
import { asError, type Logger } from '@app/runtime'
import type { JobRow } from '../claim.ts'
import { type LinesOptions, linesOf } from './lines.ts'
import { type HeldSlot, limitsOfRun, type RunLimits } from './run-limits.ts'
import { withoutRedis } from './without-redis.ts'

/** Has a slot renewed with the lease of the job that holds it, even while the run blocks the event loop. */
export type KeepSlot = (slot: LeasedSlot) => Promise<void>

export type ProcessLimits = ReturnType<typeof createProcessLimits>

/** What the runs of this process hold of limits, and whom they call when they let go. */
export function createProcessLimits(options: LinesOptions & { log: Logger }) {
  const { bus, log } = options
  const held = new Set<HeldSlot>()
  const underWay = new Set<Promise<void>>()
  const lines = linesOf(options)
  const orElse = withoutRedis(log)

  return {
    review: lines.review,

    /** What one run may take; at its end it gives back what it holds. */
    ofRun: (row: JobRow, keep: KeepSlot): RunLimits =>
      limitsOfRun({ bus, row, orElse, free, call, hold: (slot) => hold(slot, keep) }),

    /** Says to Redis that what is held here is still held; where it was emptied, that is how it knows again. */
    async renew(): Promise<void> {
      for (const key of new Set([...held].map((slot) => slot.key))) {
        // Chosen as it is sent: a slot freed meanwhile must not be renewed after its release.
        await bus.limits.renewSlots(
          key,
          [...held].filter((slot) => slot.key === key),
        )
      }
    },

    /** Resolves once nothing that was let go is on its way any more. */
    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay)
    },
  }

  async function hold(slot: HeldSlot, keep: KeepSlot): Promise<void> {
    held.add(slot)
    await keep(bus.limits.slotOf(slot.key, slot))
  }

  /** Behind the run's back: a slot must keep neither the job from its end nor the worker from the next one. */
  function free(slot: HeldSlot): void {
    held.delete(slot)
    behind(bus.limits.releaseSlot(slot.key, slot).then((called) => lines.callNow(slot.key, called)))
  }

  function call(key: string, called: readonly string[]): void {
    if (called.length > 0) behind(lines.callNow(key, called))
  }

  /** A failure is made good: the slot's lease runs out, and the next review calls whoever is first. */
  function behind(work: Promise<void>): void {
    const settled: Promise<void> = work
      .catch((error) => log.debug({ err: asError(error) }, 'a limit was not released'))
      .finally(() => underWay.delete(settled))
    underWay.add(settled)
  }
}
