import { createMetrics, type Metrics } from '@app/runtime'

/** How a run of a job ended. */
const OUTCOMES = [
  'completed',
  'failed',
  'retried',
  'snoozed',
  'limited',
  'handed_back',
  'cancelled',
  'lost',
  'parked',
] as const
export type RunOutcome = (typeof OUTCOMES)[number]

/** Runs take from milliseconds to hours. */
const RUN_BUCKETS_S = [0.01, 0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600, 14_400]
/** From "at once" to "behind a backlog". */
const PICKUP_BUCKETS_S = [0.005, 0.01, 0.025, 0.1, 0.5, 2, 10, 60, 300, 1_800, 7_200]

export type JobMetrics = ReturnType<typeof createJobMetrics>

/** What the job runtime counts; ARCHITECTURE.md has the list, with what each is for. */
export function createJobMetrics(metrics: Metrics = createMetrics()) {
  return { metrics, ...runMetrics(metrics), ...deliveryMetrics(metrics) }
}

/** Shows these types' counters before anything has happened: a rate over a series that just appeared misses its first. */
export function beginAtZero({ started, ended, takenOver }: JobMetrics, types: readonly string[]): void {
  for (const type of types) {
    started.inc({ type }, 0)
    takenOver.inc({ type }, 0)
    for (const outcome of OUTCOMES) ended.inc({ type, outcome }, 0)
  }
}

function runMetrics(metrics: Metrics) {
  return {
    started: metrics.counter({
      name: 'jobs_started_total',
      help: 'Runs of jobs that began.',
      labelNames: ['type'],
    }),
    ended: metrics.counter({
      name: 'job_runs_total',
      help: 'Runs of jobs that ended, by how: failed is a dead letter, lost went to another worker meanwhile.',
      labelNames: ['type', 'outcome'],
    }),
    runSeconds: metrics.histogram({
      name: 'job_run_duration_seconds',
      help: 'From the claim of a job to its end, however it ended.',
      labelNames: ['type'],
      buckets: RUN_BUCKETS_S,
    }),
    pickupSeconds: metrics.histogram({
      name: 'job_pickup_seconds',
      help: "From a job's being due to its claim, by Postgres' clock.",
      labelNames: ['type'],
      buckets: PICKUP_BUCKETS_S,
    }),
    takenOver: metrics.counter({
      name: 'jobs_taken_over_total',
      help: 'Jobs taken over from workers that let their lease run out.',
      labelNames: ['type'],
    }),
    zombieWrites: metrics.counter({
      name: 'zombie_writes_total',
      help: 'Results and reports dropped because the run had lost its job.',
    }),
  }
}

function deliveryMetrics(metrics: Metrics) {
  return {
    drift: metrics.counter({
      name: 'reconcile_drift_total',
      help: 'Jobs found out of step with Redis and put right, by what was wrong.',
      labelNames: ['kind'],
    }),
    entriesDeleted: metrics.counter({
      name: 'queue_entries_deleted_total',
      help: 'Pending entries that somebody else deleted from a stream: their jobs wait for the reconciler.',
    }),
    ticketsUnreadable: metrics.counter({
      name: 'tickets_unreadable_total',
      help: 'Tickets that name no job, set aside on the failed stream.',
      labelNames: ['queue'],
    }),
    acksLost: metrics.counter({
      name: 'acknowledgements_lost_total',
      help: "Finished entries that were another worker's or gone when they were acknowledged.",
      labelNames: ['queue'],
    }),
    dispatched: metrics.counter({ name: 'tickets_dispatched_total', help: 'Tickets sent to streams.' }),
    dispatchErrors: metrics.counter({
      name: 'dispatch_errors_total',
      help: 'Dispatches that failed, for Redis or for Postgres; tried again.',
    }),
    consumersSwept: metrics.counter({
      name: 'consumers_swept_total',
      help: 'Dead consumers taken out of their groups.',
      labelNames: ['queue'],
    }),
    redisReconnects: metrics.counter({
      name: 'redis_reconnects_total',
      help: 'Times the connection for commands to Redis came back after it was lost.',
    }),
  }
}
