import type { HeldLease, LeaseChange } from './lease-table.ts'
import { createLeaseTable } from './lease-table.ts'
import type { LeaseState } from './renew.ts'

/** What the thread tells the main thread. */
export type LeaseReport = { lost: number[] } | { failed: string }

export interface LeaseBeatOptions {
  leaseMs: number
  renew: (stream: string, entryIds: readonly string[]) => Promise<LeaseState[]>
  /** The same for slots that runs hold of limits; left out where nothing is limited. */
  keepSlots?: (holders: string, members: readonly string[]) => Promise<void>
  report: (what: LeaseReport) => void
}

/** After a beat that failed: soon again, the lease runs. */
const RETRY_MS = 500

/** Renews three times a lease what is to be renewed, beginning with the first `beat`. Reports what others have by now. */
export function createLeaseBeat({ leaseMs, renew, keepSlots, report }: LeaseBeatOptions) {
  const beatMs = leaseMs / 3
  const table = createLeaseTable({ silentMs: leaseMs })
  let timer: NodeJS.Timeout | undefined
  let isBeating = false

  return {
    /** What the main thread says. */
    apply: (change: LeaseChange): void => table.apply(change, performance.now()),

    /** Beats at once, unless it is at it: also after an outage during which no beat came through. */
    beat,
  }

  function beat(): void {
    if (isBeating) return
    isBeating = true
    clearTimeout(timer)
    const startedMs = performance.now()
    renewAll().then(
      () => beatIn(beatMs - (performance.now() - startedMs)),
      (error: Error) => {
        report({ failed: error.message })
        beatIn(RETRY_MS)
      },
    )
  }

  function beatIn(ms: number): void {
    isBeating = false
    timer = setTimeout(beat, Math.max(ms, 0))
  }

  async function renewAll(): Promise<void> {
    const nowMs = performance.now()
    const outcomes = await Promise.allSettled([
      ...table.due(nowMs).map(([stream, leases]) => renewStream(stream, leases)),
      ...table.slotsDue(nowMs).map(([holders, members]) => keepSlots?.(holders, members)),
    ])
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
  }

  async function renewStream(stream: string, leases: readonly HeldLease[]): Promise<void> {
    const entryIds = leases.map(({ entryId }) => entryId)
    const states = await renew(stream, entryIds)
    const lost = leases.filter((_, index) => states[index] === 'lost').map(({ lease }) => lease)
    for (const lease of lost) table.lose(lease)
    if (lost.length > 0) report({ lost })
  }
}
