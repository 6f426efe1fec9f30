import { type Delivery, openReader, type Reader } from '@app/bus'
import { asError, type Part } from '@app/runtime'
import { type ActiveRun, activeRun } from './active-runs.ts'
import type { Worker } from './define-worker.ts'
import { handBackJob } from './give-up.ts'
import { handleDelivery } from './handle-delivery.ts'
import type { Shell } from './shell.ts'
import { createWaker } from './waker.ts'

const SCAN_EVERY_MS = 2_000
const FIRST_SCAN_MS = 6_000
const MOST_BACKOFF_MS = 2_000
/** After a claim that failed: the ticket went back, and would be read again at once. */
const CLAIM_PAUSE_MS = 2_000
/** For aborted runs to stop, and for what they hand back to be written. */
const ABORTED_MS = 8_000

interface ConsumerOptions<Deps> {
  worker: Worker<Deps>
  deps: Deps
  /** Jobs of this queue that run at once. */
  concurrency: number
  /** How long running jobs may go on after the stop, before they are aborted and handed back. */
  graceMs: number
}

/** Reads one queue into free slots; takes over what dead workers left; hands back what it can't finish. */
export class QueueConsumer<Deps> implements Part {
  readonly name: string
  readonly stopTimeoutMs: number
  readonly #shell: Shell
  readonly #options: ConsumerOptions<Deps>
  readonly #queue: string
  readonly #reader: Reader
  readonly #own = new Set<ActiveRun>()
  readonly #stopping = new AbortController()
  readonly #waker = createWaker()
  #loop = Promise.resolve()
  #grouped = false
  /** Right after an outage of Redis living workers have yet to renew: a new process gives them time for a beat. */
  #nextScanAt = performance.now() + FIRST_SCAN_MS
  #pausedUntil = 0

  constructor(shell: Shell, options: ConsumerOptions<Deps>) {
    this.#shell = shell
    this.#options = options
    this.#queue = options.worker.definition.queue
    this.name = `consumer of ${this.#queue}`
    this.stopTimeoutMs = options.graceMs + ABORTED_MS + 5_000
    const { bus, redisUrl: url, workerId: consumer } = shell
    this.#reader = openReader({ bus, url, queue: this.#queue, consumer, onError: () => {} })
  }

  start(): void {
    // While Redis was away no beat came through, so every lease looks expired: nobody takes over for one lease.
    this.#shell.bus.redis.on('ready', this.#putOffScan)
    this.#loop = this.#consume()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#reader.interrupt().catch(() => {})
    await this.#loop
    await settled(this.#own, this.#options.graceMs)
    for (const run of this.#own) this.#shell.active.abort(run, 'shutdown', 'the process is stopping')
    await settled(this.#own, ABORTED_MS)
    this.#shell.bus.redis.off('ready', this.#putOffScan)
    this.#reader.close()
    await this.#shell.bus.removeConsumer(this.#queue, this.#shell.workerId).catch(() => {})
  }

  readonly #putOffScan = (): void => {
    this.#nextScanAt = performance.now() + this.#shell.leaseMs
  }

  async #consume(): Promise<void> {
    let failures = 0
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#fillSlots()
        failures = 0
      } catch (thrown) {
        if (this.#stopping.signal.aborted) return
        const error = asError(thrown)
        // Redis was emptied, or the stream deleted: made anew from its first entry, after a pause, so never in a hot loop.
        if (/NOGROUP|UNBLOCKED/.test(error.message)) this.#grouped = false
        failures += 1
        if (failures === 1)
          this.#shell.log.warn({ err: error, queue: this.#queue }, 'can not read the queue, trying again')
        await this.#waker.sleep(Math.min(100 * 2 ** failures, MOST_BACKOFF_MS), this.#stopping.signal)
      }
    }
  }

  /** Reads as much as there are free slots: what waits here could run elsewhere. */
  async #fillSlots(): Promise<void> {
    const free = this.#options.concurrency - this.#own.size
    if (free <= 0) return await this.#waker.sleep(60_000, this.#stopping.signal)
    const pauseMs = this.#pausedUntil - performance.now()
    if (pauseMs > 0) return await this.#waker.sleep(pauseMs, this.#stopping.signal)
    if (!this.#grouped) await this.#shell.bus.ensureGroups(this.#queue)
    this.#grouped = true
    const taken = await this.#takeOver(free)
    const deliveries = taken.length > 0 ? taken : await this.#reader.read(free)
    // A blocked read answers with one entry a lane, so there may be more than slots: the others go back at once.
    const slots = this.#stopping.signal.aborted ? 0 : free
    for (const delivery of deliveries.slice(0, slots)) this.#run(delivery)
    for (const delivery of deliveries.slice(slots)) await this.#handBackEntry(delivery)
  }

  async #takeOver(free: number): Promise<Delivery[]> {
    if (performance.now() < this.#nextScanAt) return []
    this.#nextScanAt = performance.now() + SCAN_EVERY_MS
    const { bus, workerId, active, leaseMs } = this.#shell
    const taken: Delivery[] = []
    for (const stream of this.#reader.streams) {
      if (taken.length >= free) break
      taken.push(...(await bus.takeOver(stream, workerId, free - taken.length, leaseMs)))
    }
    // XAUTOCLAIM also brings what is ours already, should our own beat have been late.
    return taken.filter(({ stream, entryId }) => !active.holds(stream, entryId))
  }

  #run(delivery: Delivery): void {
    const run = activeRun(delivery)
    this.#own.add(run)
    this.#shell.active.runs.add(run)
    this.#shell.leases.hold(run)
    const { worker, deps } = this.#options
    run.done = handleDelivery(this.#shell, worker, deps, delivery, run)
      .catch((error) => this.#giveBack(delivery, run, asError(error)))
      .finally(() => {
        this.#own.delete(run)
        this.#shell.active.runs.delete(run)
        this.#shell.leases.release(run)
        this.#waker.wake()
      })
  }

  /** Shutdown while Postgres was away, or a fault of ours: nothing may stay `running` here that does not run. */
  async #giveBack(delivery: Delivery, { jobId, fence }: ActiveRun, error: Error): Promise<void> {
    const { db, log, dispatchSoon } = this.#shell
    log.error({ err: error, jobId }, 'the job could not be ended, it goes back')
    if (jobId === undefined || fence === undefined) {
      this.#pausedUntil = performance.now() + CLAIM_PAUSE_MS
      return await this.#handBackEntry(delivery)
    }
    // The entry stays: should this fail as well, it is taken over once this process is gone.
    await handBackJob(db, { jobId, fence })
      .then(dispatchSoon)
      .catch((again) => log.error({ err: asError(again), jobId }, 'the job could not be handed back'))
  }

  async #handBackEntry({ stream, entryId }: Delivery): Promise<void> {
    // Where this fails, the entry's lease runs out and another takes it over.
    await this.#shell.bus.handBack(stream, this.#shell.workerId, [entryId]).catch(() => {})
  }
}

/** Waits until every run has ended, at most `withinMs`. */
async function settled(runs: ReadonlySet<ActiveRun>, withinMs: number): Promise<void> {
  if (runs.size === 0) return
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs)
  })
  await Promise.race([Promise.all([...runs].map((run) => run.done)), late])
  clearTimeout(timer)
}
