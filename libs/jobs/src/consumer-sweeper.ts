import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { type Logger, type Part, repeating } from '@app/runtime'
import { sql } from 'kysely'
import type { JobMetrics } from './job-metrics.ts'

const EVERY_MS = 10 * 60_000
const IDLE_MS = 60 * 60_000

interface ConsumerSweeperOptions {
  db: Db
  bus: Bus
  log: Logger
  metrics: JobMetrics
  queues: readonly string[]
}

/**
 * Takes consumers of processes that died out of these queues' groups, now and then, in every process. A consumer's name
 * is its worker's id: one whose worker beats is left alone, however long nothing was to be read.
 */
export function createConsumerSweeper({ db, bus, log, metrics, queues }: ConsumerSweeperOptions): Part {
  return repeating({
    name: 'consumer sweeper',
    everyMs: EVERY_MS,
    log,
    async work() {
      for (const [queue, count] of await sweepConsumers({ db, bus, queues })) {
        metrics.consumersSwept.inc({ queue }, count)
        log.info({ queue, count }, 'dead consumers swept')
      }
    },
  })
}

/** Consumers that were idle for `idleMs` by Redis' clock, hold nothing and whose worker does not beat; by queue. */
export async function sweepConsumers({
  db,
  bus,
  queues,
  idleMs = IDLE_MS,
}: Pick<ConsumerSweeperOptions, 'db' | 'bus' | 'queues'> & { idleMs?: number }): Promise<
  Map<string, number>
> {
  const living = await livingWorkers(db)
  const swept = new Map<string, number>()
  for (const queue of queues) {
    const count = await bus.sweepConsumers({ queue, idleMs, living })
    if (count > 0) swept.set(queue, count)
  }
  return swept
}

async function livingWorkers(db: Db): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select id from workers where beat_at > now() - stale_after_ms * interval '1 millisecond'`.execute(db)
  return new Set(rows.map(({ id }) => id))
}
