import type { Bus } from '@app/bus'
import { TICKET_VERSION } from '@app/contracts'
import type { Db } from '@app/db'
import { FatalError, type Logger, type Part } from '@app/runtime'
import { createPace } from './admission.ts'
import { QueueConsumer } from './consumer.ts'
import { createConsumerSweeper } from './consumer-sweeper.ts'
import type { Worker } from './define-worker.ts'
import { createDispatcher } from './dispatcher.ts'
import { knownAs, ticketsKnownAs } from './hold-reasons.ts'
import { beginAtZero, createJobMetrics, type JobMetrics } from './job-metrics.ts'
import { limitParts } from './limits/limit-parts.ts'
import { createLiveness } from './liveness.ts'
import { createCountCompactor } from './operate/job-counts.ts'
import { createRedriver } from './operate/step-redrives.ts'
import type { JobDefinitions } from './plan-graph.ts'
import { createReconciler } from './reconciler.ts'
import { createShell, type Simulated } from './shell.ts'

export interface WorkerPartsOptions {
  service: string
  db: Db
  bus: Bus
  redisUrl: string
  log: Logger
  /** What this process counts; nobody sees it where it is left out. */
  metrics?: JobMetrics
  /** Jobs of each queue that run at once in this process. */
  concurrency: number
  /** How long running jobs may go on after a stop. Default 20 s. */
  graceMs?: number
  /** Entries that are not renewed for this long are taken over. Default 12 s; the same for all processes. */
  leaseMs?: number
  /** Where the types of a job's children are looked up. Default: the product's. */
  definitions?: JobDefinitions
  /** The simulator's, for a process that exists in memory only. */
  simulated?: Simulated
}

/**
 * Everything a process needs to work on jobs, in start order: liveness, dispatcher, reconciler, what keeps counts cheap
 * and groups small and redrives and limits going, and one consumer for each queue, however many types of its jobs
 * there are workers for. Stopped in reverse, so that what consumers hand back is still dispatched. Error:
 * `type-worked-twice`.
 */
export function workerParts<Deps>(
  workers: readonly Worker<Deps>[],
  deps: Deps,
  options: WorkerPartsOptions,
): Part[] {
  const {
    service,
    db,
    bus,
    redisUrl,
    log,
    concurrency,
    graceMs = 20_000,
    leaseMs,
    definitions,
    simulated,
  } = options
  const jobs = simulated?.jobs
  const metrics = options.metrics ?? createJobMetrics()
  beginAtZero(
    metrics,
    workers.map((worker) => worker.definition.name),
  )
  const pace = createPace()
  const onRedriving = () => redriver.stepSoon()
  const dispatcher = createDispatcher({ db, jobs, bus, redisUrl, log, pace, metrics, onRedriving })
  const redriver = createRedriver({ db, log, dispatchSoon: dispatcher.dispatchSoon })
  const shell = createShell(service, {
    ...{ db, bus, redisUrl, log, leaseMs, pace, metrics, definitions, simulated },
    dispatchSoon: dispatcher.dispatchSoon,
    lookSoon: dispatcher.lookSoon,
  })
  refuseTwice(workers.map((worker) => worker.definition.name))
  const byQueue = Map.groupBy(workers, (worker) => worker.definition.queue)
  const queues = [...byQueue.keys()]
  const jobTypes = [...workers.map((worker) => knownAs(worker.definition)), ticketsKnownAs(TICKET_VERSION)]
  return [
    createLiveness(shell, { service, queues, jobTypes, concurrency }),
    dispatcher,
    createReconciler({ db, jobs, bus, log, metrics, onDrift: dispatcher.dispatchSoon }),
    createCountCompactor({ db, log }),
    redriver,
    createConsumerSweeper({ db, jobs, bus, log, metrics, queues }),
    ...limitParts(shell.limits, log),
    together(
      [...byQueue].map(([queue, some]) => {
        const known = some as [Worker<Deps>, ...Worker<Deps>[]]
        return new QueueConsumer(shell, { queue, workers: known, deps, concurrency, graceMs })
      }),
    ),
  ]
}

/** Which of the two ran a job would be chance. */
function refuseTwice(types: readonly string[]): void {
  const type = types.find((name, index) => types.indexOf(name) !== index)
  if (type === undefined) return
  throw new FatalError('type-worked-twice', `two workers of this process are for ${type} jobs`)
}

/** Consumers stop together: while one waits out its grace, the others must not begin new jobs. */
function together(consumers: readonly Required<Part>[]): Part {
  return {
    name: consumers.map((consumer) => consumer.name).join(', '),
    start: (control) => {
      for (const consumer of consumers) consumer.start(control)
    },
    stop: () => Promise.all(consumers.map((consumer) => consumer.stop())),
    stopTimeoutMs: Math.max(...consumers.map((consumer) => consumer.stopTimeoutMs)),
  }
}
