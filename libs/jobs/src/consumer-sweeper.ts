import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { type Logger, type Part, repeating } from '@app/runtime'
import type { JobMetrics } from './job-metrics.ts'
import { type JobStore, jobStore } from './job-store.ts'

const EVERY_MS = 10 * 60_000
const IDLE_MS = 60 * 60_000

interface ConsumerSweeperOptions {
  db: Db
  /** Default: this database's. */
  jobs?: JobStore | undefined
  bus: Bus
  log: Logger
  metrics: JobMetrics
  queues: readonly string[]
}

/**
 * Takes consumers of processes that died out of these queues' groups, now and then, in every process. A consumer's name
 * is its worker's id: one whose worker beats is left alone, however long nothing was to be read.
 */
export function createConsumerSweeper({ log, metrics, ...where }: ConsumerSweeperOptions): Part {
  return repeating({
    name: 'consumer sweeper',
    everyMs: EVERY_MS,
    log,
    async work() {
      for (const [queue, count] of await sweepConsumers(where)) {
        metrics.consumersSwept.inc({ queue }, count)
        log.info({ queue, count }, 'dead consumers swept')
      }
    },
  })
}

/** Consumers that were idle for `idleMs` by Redis' clock, hold nothing and whose worker does not beat; by queue. */
export async function sweepConsumers({
  db,
  jobs = jobStore(db),
  bus,
  queues,
  idleMs = IDLE_MS,
}: Pick<ConsumerSweeperOptions, 'db' | 'jobs' | 'bus' | 'queues'> & { idleMs?: number }): Promise<
  Map<string, number>
> {
  const living = await jobs.livingWorkers()
  const swept = new Map<string, number>()
  for (const queue of queues) {
    const count = await bus.sweepConsumers({ queue, idleMs, living })
    if (count > 0) swept.set(queue, count)
  }
  return swept
}
