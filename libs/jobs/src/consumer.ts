import { type Delivery, type Outcome, StreamConsumer } from '@app/bus'
import { asError, type Part } from '@app/runtime'
import { type ActiveRun, activeRun } from './active-runs.ts'
import type { Worker } from './define-worker.ts'
import { handleDelivery } from './handle-delivery.ts'
import type { Shell } from './shell.ts'

/** After a claim that failed: the ticket went back, and would be read again at once. */
const CLAIM_PAUSE_MS = 2_000
/** For aborted runs to stop, and for what they hand back to be written. */
const ABORTED_MS = 8_000

interface ConsumerOptions<Deps> {
  queue: string
  /** One for each type of the queue's jobs that this process knows. */
  workers: readonly [Worker<Deps>, ...Worker<Deps>[]]
  deps: Deps
  /** Jobs that run at once. */
  concurrency: number
  /** How long running jobs may go on after a stop, before they are aborted and handed back. */
  graceMs: number
}

/** Runs the jobs of one queue as their tickets are delivered; hands back what it can't finish. */
export class QueueConsumer<Deps> implements Part {
  readonly name: string
  readonly stopTimeoutMs: number
  readonly #shell: Shell
  readonly #options: ConsumerOptions<Deps>
  readonly #stream: StreamConsumer
  readonly #own = new Set<ActiveRun>()
  #pausedUntil = 0

  constructor(shell: Shell, options: ConsumerOptions<Deps>) {
    this.#shell = shell
    this.#options = options
    const { queue } = options
    this.name = `consumer of ${queue}`
    this.stopTimeoutMs = options.graceMs + ABORTED_MS + 5_000
    this.#stream = new StreamConsumer({
      bus: shell.bus,
      url: shell.redisUrl,
      queue,
      consumer: shell.workerId,
      slots: options.concurrency,
      leaseMs: shell.leaseMs,
      handle: (delivery) => this.#run(delivery),
      mayRead: () => performance.now() >= this.#pausedUntil && shell.gate.isOpen() && shell.postgres.isOpen(),
      onError: (err) => shell.log.warn({ err, queue }, 'can not read the queue, trying again'),
    })
  }

  start(): void {
    this.#stream.start()
  }

  async stop(): Promise<void> {
    await this.#stream.stopReading()
    await settled(this.#own, this.#options.graceMs)
    for (const run of this.#own) this.#shell.active.abort(run, 'shutdown', 'the process is stopping')
    await settled(this.#own, ABORTED_MS)
    await this.#stream.close()
  }

  async #run(delivery: Delivery): Promise<Outcome> {
    const run = activeRun(delivery)
    this.#own.add(run)
    this.#shell.active.runs.add(run)
    this.#shell.leases.hold(run)
    const { workers, deps } = this.#options
    const outcome = handleDelivery(this.#shell, workers, deps, delivery, run)
      .catch((error) => this.#giveBack(run, asError(error)))
      .finally(() => {
        this.#own.delete(run)
        this.#shell.active.runs.delete(run)
        this.#shell.leases.release(run)
      })
    run.done = outcome.then(() => {})
    return await outcome
  }

  /** Shutdown while Postgres was away, or a fault of ours: nothing may stay `running` here that does not run. */
  async #giveBack({ jobId, fence }: ActiveRun, error: Error): Promise<Outcome> {
    const { jobs, log, dispatchSoon } = this.#shell
    log.error({ err: error, jobId }, 'the job could not be ended, it goes back')
    if (jobId === undefined || fence === undefined) {
      this.#pausedUntil = performance.now() + CLAIM_PAUSE_MS
      return 'hand-back'
    }
    await jobs
      .handBack({ jobId, fence })
      .then(dispatchSoon)
      .catch((again) => log.error({ err: asError(again), jobId }, 'the job could not be handed back'))
    // Should that have failed as well, the job is taken over by its entry once this process is gone.
    return 'leave'
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
