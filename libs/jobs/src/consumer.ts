import { type Delivery, openReader } from '@app/bus'
import { asError, type Part } from '@app/runtime'
import { type ActiveRun, activeRun } from './active-runs.ts'
import type { Worker } from './define-worker.ts'
import { handBackJob } from './give-up.ts'
import { handleDelivery } from './handle-delivery.ts'
import type { Shell } from './shell.ts'
import { createWaker } from './waker.ts'

/** Long enough for three missed beats of four seconds. */
export const LEASE_MS = 12_000
const SCAN_EVERY_MS = 2_000
const MOST_BACKOFF_MS = 2_000

interface ConsumerOptions<Deps> {
  worker: Worker<Deps>
  deps: Deps
  /** Jobs of this queue that run at once. */
  concurrency: number
  /** How long running jobs may go on after the stop, before they are aborted and handed back. */
  graceMs: number
}

/** Reads one queue into free slots; takes over what dead workers left; hands back what it can't finish. */
export function createConsumer<Deps>(shell: Shell, options: ConsumerOptions<Deps>): Part {
  const { worker, deps, concurrency, graceMs } = options
  const { queue } = worker.definition
  const { bus, log, workerId } = shell
  const stopping = new AbortController()
  const waker = createWaker()
  const own = new Set<ActiveRun>()
  const reader = openReader({ bus, url: shell.redisUrl, queue, consumer: workerId, onError: () => {} })
  let loop = Promise.resolve()
  let nextScanAt = 0
  let grouped = false

  // Beats could not get through while Redis was away, so every lease looks expired: nobody takes over for one lease.
  bus.redis.on('ready', () => {
    nextScanAt = performance.now() + LEASE_MS
  })

  return { name: `consumer of ${queue}`, start, stop, stopTimeoutMs: graceMs + 10_000 }

  function start(): void {
    loop = consume()
  }

  async function consume(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      const free = concurrency - own.size
      if (free <= 0) {
        await waker.sleep(60_000, stopping.signal)
        continue
      }
      try {
        if (!grouped) await bus.ensureGroups(queue)
        grouped = true
        const taken = await takeOver(free)
        const deliveries = taken.length > 0 ? taken : await reader.read(free)
        await accept(deliveries, free)
        failures = 0
      } catch (error) {
        if (stopping.signal.aborted) return
        // Redis was emptied, or the stream deleted: made anew from its first entry, after a pause, so never in a hot loop.
        if (/NOGROUP|UNBLOCKED/.test(asError(error).message)) grouped = false
        failures += 1
        if (failures === 1) log.warn({ err: asError(error), queue }, 'can not read the queue, trying again')
        await waker.sleep(Math.min(100 * 2 ** failures, MOST_BACKOFF_MS), stopping.signal)
      }
    }
  }

  async function takeOver(free: number): Promise<Delivery[]> {
    if (performance.now() < nextScanAt) return []
    nextScanAt = performance.now() + SCAN_EVERY_MS
    const taken: Delivery[] = []
    for (const stream of reader.streams) {
      if (taken.length >= free) break
      taken.push(...(await bus.takeOver(stream, workerId, free - taken.length, LEASE_MS)))
    }
    // XAUTOCLAIM also brings what is ours already, should our own beat have been late.
    return taken.filter(({ stream, entryId }) => !shell.active.holds(stream, entryId))
  }

  /** A blocked read answers with one entry a lane, so there may be more than slots: the others go back at once. */
  async function accept(deliveries: readonly Delivery[], free: number): Promise<void> {
    const slots = stopping.signal.aborted ? 0 : free
    for (const delivery of deliveries.slice(0, slots)) run(delivery)
    for (const { stream, entryId } of deliveries.slice(slots)) await bus.handBack(stream, workerId, [entryId])
  }

  function run(delivery: Delivery): void {
    const active = activeRun(delivery)
    own.add(active)
    shell.active.runs.add(active)
    active.done = handleDelivery(shell, worker, deps, delivery, active)
      .catch((error) => giveBack(delivery, active, asError(error)))
      .finally(() => {
        own.delete(active)
        shell.active.runs.delete(active)
        waker.wake()
      })
  }

  /** Shutdown while Postgres was away, or a fault of ours: nothing may stay `running` here that does not run. */
  async function giveBack({ stream, entryId }: Delivery, active: ActiveRun, error: Error): Promise<void> {
    log.error({ err: error, jobId: active.jobId }, 'the job could not be ended, it goes back')
    const { jobId, fence } = active
    if (jobId === undefined || fence === undefined) {
      await bus.handBack(stream, workerId, [entryId]).catch(() => {})
      return
    }
    // The entry stays: should this fail as well, it is taken over once this process is gone.
    await handBackJob(shell.db, { jobId, fence })
      .then(shell.dispatchSoon)
      .catch((again) => log.error({ err: asError(again), jobId }, 'the job could not be handed back'))
  }

  async function stop(): Promise<void> {
    stopping.abort()
    await reader.interrupt().catch(() => {})
    await loop
    await settled(own, graceMs)
    for (const run of own) shell.active.abort(run, 'shutdown', 'the process is stopping')
    await settled(own, 8_000)
    reader.close()
    await bus.removeConsumer(queue, workerId).catch(() => {})
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
