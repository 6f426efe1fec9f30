import type { LeasedSlot } from './limits/slots.ts'

/** What the main thread tells the thread that renews leases. Any such message says as well that it answers. */
export interface LeaseChange {
  /** Entries that it holds from now on. */
  held: [lease: number, stream: string, entryId: string][]
  /** Runs that have this long from now, whether or not the main thread answers meanwhile. */
  begun: [lease: number, forMs: number][]
  released: number[]
  /** Slots of concurrency limits that go with a lease. */
  slots: [lease: number, holders: string, member: string][]
}

export interface HeldLease {
  lease: number
  stream: string
  entryId: string
}

/**
 * Which entries' leases are to be renewed: of runs that have begun, until their deadline, even where one of them blocks
 * the main thread; and all, for as long as the main thread answers, which ends overdue runs by itself. A process that
 * hangs for good so keeps nothing for ever.
 */
export function createLeaseTable({ silentMs }: { silentMs: number }) {
  const entries = new Map<number, HeldLease & { untilMs: number; slots: LeasedSlot[] }>()
  let answeredAtMs = Number.NEGATIVE_INFINITY

  return {
    apply({ held, begun, released, slots }: LeaseChange, nowMs: number): void {
      answeredAtMs = nowMs
      for (const [lease, stream, entryId] of held)
        entries.set(lease, { lease, stream, entryId, untilMs: nowMs, slots: [] })
      for (const [lease, forMs] of begun) {
        const entry = entries.get(lease)
        if (entry) entry.untilMs = nowMs + forMs
      }
      for (const [lease, holders, member] of slots) entries.get(lease)?.slots.push({ holders, member })
      for (const lease of released) entries.delete(lease)
    },

    /** To be renewed now, by stream. */
    due(nowMs: number): [stream: string, leases: HeldLease[]][] {
      return [...Map.groupBy(dueNow(nowMs), ({ stream }) => stream)]
    },

    /** Slots of those leases, by the key of those who hold them. */
    slotsDue(nowMs: number): [holders: string, members: string[]][] {
      const slots = dueNow(nowMs).flatMap((entry) => entry.slots)
      return [...Map.groupBy(slots, ({ holders }) => holders)].map(([holders, some]) => [
        holders,
        some.map(({ member }) => member),
      ])
    },

    /** Another's by now. */
    lose(lease: number): void {
      entries.delete(lease)
    },
  }

  function dueNow(nowMs: number) {
    const answers = nowMs - answeredAtMs < silentMs
    return [...entries.values()].filter(({ untilMs }) => answers || nowMs < untilMs)
  }
}

export type LeaseTable = ReturnType<typeof createLeaseTable>
