import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { type Logger, type Part, repeating } from '@app/runtime'
import { createJobMetrics, type JobMetrics } from './job-metrics.ts'
import { type JobStore, jobStore } from './job-store.ts'
import { putRight } from './reconcile.ts'

const EVERY_MS = 10_000

interface ReconcilerOptions {
  db: Db
  /** Default: this database's. */
  jobs?: JobStore | undefined
  bus: Bus
  log: Logger
  /** Nobody sees it where it is left out. */
  metrics?: JobMetrics
  /** Called where something was put right and may be due. */
  onDrift: () => void
}

/** Compares Postgres with Redis every ten seconds, in every process: each finds only what the others left. */
export function createReconciler({
  db,
  jobs = jobStore(db),
  bus,
  log,
  metrics = createJobMetrics(),
  onDrift,
}: ReconcilerOptions): Part {
  return repeating({
    name: 'reconciler',
    everyMs: EVERY_MS,
    log,
    async work() {
      const drift = await putRight(jobs, bus)
      for (const [kind, count] of Object.entries(drift)) metrics.drift.inc({ kind: snakeCase(kind) }, count)
      if (Object.values(drift).every((count) => count === 0)) return
      log.warn(drift, 'jobs were out of step with Redis and are dispatched again')
      onDrift()
    },
  })
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
