import type { Worker } from 'node:worker_threads'
import type { LeaseReport } from './lease-beat.ts'
import type { LeaseChange } from './lease-table.ts'
import { type LeaseThreadOptions, startLeaseThread } from './lease-thread.ts'
import type { LeasedSlot } from './limits/slots.ts'
import { parseRedisUrl } from './redis-address.ts'

/** Renewed three times in it: one or two beats may be late. */
export const LEASE_MS = 12_000
/** How often the main thread says that it answers, and what has changed since. */
const POST_EVERY_MS = 1_000
/** Before a thread that died is started again. */
const RESTART_MS = 1_000

export interface LeasedEntry {
  readonly stream: string
  readonly entryId: string
}

interface LeaseKeeperOptions<Entry> {
  url: string
  consumer: string
  /** Default 12 s. */
  leaseMs?: number | undefined
  /** Another consumer has this entry by now. */
  onLost: (entry: Entry) => void
  /** A beat failed and is tried again, or the thread died and is started again. */
  onError: (error: Error) => void
  /** Starts the thread; for tests that end one, and for simulated ones. */
  startThread?: StartLeaseThread | undefined
}

/** What the keeper needs of a thread. */
export type LeaseThread = Pick<Worker, 'on' | 'once' | 'postMessage' | 'terminate' | 'unref'>
export type StartLeaseThread = (options: LeaseThreadOptions) => LeaseThread

interface Held<Entry> {
  readonly lease: number
  readonly entry: Entry
  /** Set once its run has begun. */
  untilMs: number | undefined
  readonly slots: LeasedSlot[]
}

/**
 * Renews the leases of what this process holds, from a thread with a connection of its own: a handler that blocks the
 * event loop keeps its lease, though only until its deadline. Neither the thread nor a timer keeps the process alive.
 */
export class LeaseKeeper<Entry extends LeasedEntry> {
  readonly #options: LeaseKeeperOptions<Entry>
  readonly #held = new Map<Entry, Held<Entry>>()
  // What the thread has not been told yet. A job that comes and goes between two posts costs none.
  readonly #newlyHeld = new Set<Held<Entry>>()
  readonly #newlyBegun = new Set<Held<Entry>>()
  #newlyReleased: number[] = []
  #newSlots: LeaseChange['slots'] = []
  #lastLease = 0
  #thread: LeaseThread | undefined
  #timer: NodeJS.Timeout | undefined
  #posting: Promise<void> | undefined

  constructor(options: LeaseKeeperOptions<Entry>) {
    this.#options = options
  }

  start(): void {
    this.#startThread()
    this.#timer = setInterval(() => this.#post(), POST_EVERY_MS).unref()
  }

  /** Ends the thread: from here on nothing is renewed. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    await this.#thread?.terminate()
  }

  /** Renewed from now on for as long as this thread answers. */
  hold(entry: Entry): void {
    this.#lastLease += 1
    const held = { lease: this.#lastLease, entry, untilMs: undefined, slots: [] }
    this.#held.set(entry, held)
    this.#newlyHeld.add(held)
  }

  /**
   * Resolves once the thread has been told that the entry's run may take `forMs`: from then on the run may block. Runs
   * that begin together share one message. An entry that is not held is none of our business.
   */
  begin(entry: Entry, forMs: number): Promise<void> {
    const held = this.#held.get(entry)
    if (!held) return Promise.resolve()
    held.untilMs = performance.now() + forMs
    this.#newlyBegun.add(held)
    return this.#postSoon()
  }

  /** Resolves once the thread has been told to renew this slot with the entry's lease. */
  keepSlot(entry: Entry, slot: LeasedSlot): Promise<void> {
    const held = this.#held.get(entry)
    if (!held) return Promise.resolve()
    held.slots.push(slot)
    this.#newSlots.push([held.lease, slot.holders, slot.member])
    return this.#postSoon()
  }

  release(entry: Entry): void {
    const held = this.#held.get(entry)
    if (!held) return
    this.#held.delete(entry)
    this.#newlyBegun.delete(held)
    if (!this.#newlyHeld.delete(held)) this.#newlyReleased.push(held.lease)
  }

  #startThread(): void {
    const { url, consumer, leaseMs = LEASE_MS, onError, startThread = startLeaseThread } = this.#options
    const thread = startThread({ address: parseRedisUrl(url), consumer, leaseMs })
    thread.on('message', (report: LeaseReport) => this.#hear(report))
    thread.on('error', onError)
    thread.once('exit', () => this.#restart())
    thread.unref()
    this.#thread = thread
    // It knows nothing yet, whatever one before it knew.
    for (const held of this.#held.values()) {
      this.#newlyHeld.add(held)
      if (held.untilMs !== undefined) this.#newlyBegun.add(held)
    }
    this.#newSlots = [...this.#held.values()].flatMap(({ lease, slots }) =>
      slots.map(({ holders, member }): LeaseChange['slots'][number] => [lease, holders, member]),
    )
    this.#post()
  }

  /** A thread that ended unasked. The leases have time for it. */
  #restart(): void {
    if (this.#timer === undefined) return
    setTimeout(() => this.#timer !== undefined && this.#startThread(), RESTART_MS).unref()
  }

  #postSoon(): Promise<void> {
    this.#posting ??= Promise.resolve().then(() => this.#post())
    return this.#posting
  }

  #post(): void {
    this.#posting = undefined
    const nowMs = performance.now()
    const change: LeaseChange = {
      held: [...this.#newlyHeld].map(({ lease, entry }) => [lease, entry.stream, entry.entryId]),
      begun: [...this.#newlyBegun].map(({ lease, untilMs = nowMs }) => [lease, untilMs - nowMs]),
      released: this.#newlyReleased,
      slots: this.#newSlots,
    }
    // To a thread that has ended this says nothing; its successor is told everything.
    this.#thread?.postMessage(change)
    this.#newlyHeld.clear()
    this.#newlyBegun.clear()
    this.#newlyReleased = []
    this.#newSlots = []
  }

  #hear(report: LeaseReport): void {
    if ('failed' in report) {
      this.#options.onError(new Error(`leases were not renewed: ${report.failed}`))
      return
    }
    for (const { lease, entry } of this.#held.values()) {
      if (report.lost.includes(lease)) this.#options.onLost(entry)
    }
  }
}
