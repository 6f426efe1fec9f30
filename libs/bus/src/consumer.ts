import { abortableDelay, asError, createWaker } from '@app/runtime'
import type { Bus } from './bus.ts'
import type { Delivery } from './deliveries.ts'
import { createLaneTurns } from './lane-turns.ts'
import type { Reader } from './reader.ts'

const SCAN_EVERY_MS = 2_000
const FIRST_SCAN_MS = 6_000
const MOST_BACKOFF_MS = 2_000
const MOST_WAIT_MS = 1_000
const INTERRUPT_EVERY_MS = 50

/** What becomes of an entry: acknowledged and deleted, undelivered again, or left until its lease runs out. */
export type Outcome = 'done' | 'hand-back' | 'leave'

export interface ConsumerOptions {
  bus: Bus
  url: string
  queue: string
  /** Names this process in the group. */
  consumer: string
  /** Entries held at once, at most. */
  slots: number
  /** An entry that nobody renewed for this long may be taken over. */
  leaseMs: number
  /** Must not reject. Its entry is held, and its lease must be renewed, until this settles. */
  handle: (delivery: Delivery) => Promise<Outcome>
  /** Asked before each read: false where nothing new may start for now. `wake` after it has changed. */
  mayRead?: () => boolean
  onError: (error: Error) => void
}

/**
 * Reads one queue into free slots: never more than that, for what waits here could run elsewhere. Takes over what dead
 * consumers left. Finished entries are acknowledged with the next read, in one round trip; what finishes while that is
 * under way, with the one after it.
 */
export class StreamConsumer {
  readonly #options: ConsumerOptions
  readonly #reader: Reader
  readonly #turns = createLaneTurns()
  readonly #waker = createWaker()
  readonly #stopping = new AbortController()
  readonly #held = new Map<string, Delivery>()
  #finished = new Map<string, string[]>()
  #loop = Promise.resolve()
  #unlisten = () => {}
  #flushing: Promise<void> | undefined
  #grouped = false
  #blocked = false
  /** Nothing waited when we last looked: so wait for what comes. */
  #drained = false
  /** Right after an outage of Redis living workers have yet to renew: a new process gives them time for a beat. */
  #nextScanAt = performance.now() + FIRST_SCAN_MS

  constructor(options: ConsumerOptions) {
    this.#options = options
    const { bus, url, queue, consumer } = options
    this.#reader = bus.openReader({ url, queue, consumer, onError: () => {} })
  }

  start(): void {
    // While Redis was away no beat came through, so every lease looks expired: nobody takes over for one lease.
    this.#unlisten = this.#options.bus.onReconnect(this.#putOffScan)
    this.#loop = this.#consume()
  }

  /** Something has changed that `mayRead` answers. */
  wake(): void {
    this.#waker.wake()
  }

  /** Reads nothing more from here on. What is held goes on until it is finished. */
  async stopReading(): Promise<void> {
    this.#stopping.abort()
    const ended = new AbortController()
    const loop = this.#loop.finally(() => ended.abort())
    // More than once: an interrupt that comes just before the read begins interrupts nothing.
    while (!ended.signal.aborted) {
      await this.#reader.interrupt().catch(() => {})
      await abortableDelay(INTERRUPT_EVERY_MS, ended.signal).catch(() => {})
    }
    await loop
  }

  /** Acknowledges what is finished, and leaves the group if nothing is pending on this consumer any more. */
  async close(): Promise<void> {
    const { bus, queue, consumer } = this.#options
    await this.#flush().catch(() => {})
    this.#unlisten()
    this.#reader.close()
    await bus.removeConsumer(queue, consumer).catch(() => {})
  }

  readonly #putOffScan = (): void => {
    this.#nextScanAt = performance.now() + this.#options.leaseMs
  }

  async #consume(): Promise<void> {
    let failures = 0
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#step()
        failures = 0
      } catch (thrown) {
        if (this.#stopping.signal.aborted) return
        const error = asError(thrown)
        // Redis was emptied, or the stream deleted: made anew from its first entry, after a pause, so never in a hot loop.
        if (/NOGROUP|UNBLOCKED/.test(error.message)) this.#grouped = false
        failures += 1
        if (failures === 1) this.#options.onError(error)
        await this.#waker.sleep(Math.min(100 * 2 ** failures, MOST_BACKOFF_MS), this.#stopping.signal)
      }
    }
  }

  async #step(): Promise<void> {
    const { bus, queue } = this.#options
    if (!this.#grouped) await bus.ensureGroups(queue)
    this.#grouped = true
    const free = this.#free()
    if (free > 0 && performance.now() >= this.#nextScanAt) this.#begin(await this.#takeOver(free))
    else if (this.#finished.size > 0 || (free > 0 && !this.#drained)) await this.#take(free)
    else if (free > 0) this.#begin(await this.#next())
    else await this.#waker.sleep(MOST_WAIT_MS, this.#stopping.signal)
  }

  #free(): number {
    if (this.#stopping.signal.aborted || this.#options.mayRead?.() === false) return 0
    return Math.max(this.#options.slots - this.#held.size, 0)
  }

  async #take(free: number): Promise<void> {
    // What finishes in this very turn of the event loop goes along.
    await new Promise(setImmediate)
    await this.#flushing
    const deliveries = await this.#exchange(free)
    this.#drained = free > 0 && deliveries.length === 0
    this.#begin(deliveries)
  }

  /** Blocks for two seconds at most. There may be more behind what comes, so the next look doesn't block. */
  async #next(): Promise<Delivery[]> {
    this.#blocked = true
    try {
      const deliveries = await this.#reader.next()
      this.#drained = deliveries.length === 0
      return deliveries
    } finally {
      this.#blocked = false
    }
  }

  async #exchange(free: number): Promise<Delivery[]> {
    const { bus, queue, consumer } = this.#options
    const finished = this.#finished
    this.#finished = new Map()
    try {
      return (await bus.take({ queue, consumer, quotas: this.#turns(free), finished })).deliveries
    } catch (error) {
      for (const [stream, ids] of finished) this.#finish(stream, ids)
      throw error
    }
  }

  async #takeOver(free: number): Promise<Delivery[]> {
    this.#nextScanAt = performance.now() + SCAN_EVERY_MS
    const { bus, consumer, leaseMs } = this.#options
    const taken: Delivery[] = []
    for (const stream of this.#reader.streams) {
      if (taken.length >= free) break
      taken.push(...(await bus.takeOver(stream, consumer, free - taken.length, leaseMs)))
    }
    return taken
  }

  /**
   * A blocked read answers with one entry a lane, so there may be more than slots: the others go back at once. What is
   * held here comes again where our own beat was late, or Redis lost the group and delivers everything anew.
   */
  #begin(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      if (this.#held.has(keyOf(delivery))) continue
      if (this.#free() > 0) void this.#run(delivery)
      else void this.#handBack(delivery)
    }
  }

  async #run(delivery: Delivery): Promise<void> {
    const key = keyOf(delivery)
    this.#held.set(key, delivery)
    const outcome = await this.#options.handle(delivery)
    this.#held.delete(key)
    if (outcome === 'done') this.#finish(delivery.stream, [delivery.entryId])
    else if (outcome === 'hand-back') await this.#handBack(delivery)
    if (this.#blocked || this.#stopping.signal.aborted) this.#flushing ??= this.#flush()
    else this.#waker.wake()
  }

  #finish(stream: string, ids: readonly string[]): void {
    const finished = this.#finished.get(stream)
    if (finished) finished.push(...ids)
    else this.#finished.set(stream, [...ids])
  }

  /** While the reader is blocked nobody else takes acknowledgements along. */
  async #flush(): Promise<void> {
    try {
      while (this.#finished.size > 0) await this.#exchange(0)
    } catch {
      // Redis is away: the loop tries again, and if this process ends before, whoever takes over drops the entries.
    } finally {
      this.#flushing = undefined
    }
  }

  async #handBack({ stream, entryId, reclaimed = false }: Delivery): Promise<void> {
    const { bus, consumer, leaseMs } = this.#options
    const gone = reclaimed
      ? bus.release({ stream, consumer, entryIds: [entryId], leaseMs })
      : bus.handBack(stream, consumer, [entryId])
    // Where this fails, the entry's lease runs out and another takes it over.
    await gone.catch(() => {})
  }
}

const keyOf = ({ stream, entryId }: Delivery): string => `${stream} ${entryId}`
