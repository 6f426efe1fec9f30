import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import type { Metrics } from '@app/runtime'
import { type QueueState, queueStates } from './operate/queue-states.ts'

/** Gauges of one scrape are collected at once, and share one look. */
const SHARED_MS = 500

interface Queues {
  db: Db
  bus: Bus
}

/** How much each queue has to do, and who does it; asked at each scrape, and left out while Postgres is away. */
export function measureQueues(metrics: Metrics, { db, bus }: Queues): void {
  const states = shared(() => queueStates(db, bus))
  const gauge = (name: string, help: string, measure: (state: QueueState) => number | null) =>
    metrics.gauge({
      ...{ name, help, labelNames: ['queue'] as const },
      collect: async () =>
        (await states()).flatMap((state) => {
          const value = measure(state)
          return value === null ? [] : [[{ queue: state.queue }, value] as [{ queue: string }, number]]
        }),
    })

  metrics.gauge({
    ...{ name: 'queue_jobs', help: 'Jobs in each state.', labelNames: ['queue', 'status'] as const },
    collect: async () =>
      (await states()).flatMap(({ queue, jobs }) =>
        Object.entries(jobs).map(([status, count]) => [{ queue, status }, count] as const),
      ) as [{ queue: string; status: string }, number][],
  })
  gauge(
    'queue_depth',
    'Jobs that wait or run, on a stream or before it: what to scale by.',
    ({ depth }) => depth,
  )
  gauge('queue_entries', 'Entries on the streams.', ({ entries }) => entries)
  gauge('queue_parked', 'Jobs that no living worker knows yet.', ({ parked }) => parked)
  gauge('queue_workers', 'Processes that beat.', ({ workers }) => workers)
  gauge('queue_slots', 'Jobs that these processes run at once.', ({ slots }) => slots)
  gauge('queue_paused', '1 where starts are stopped.', ({ control }) => (control === null ? 0 : 1))
  gauge('queue_oldest_waiting_seconds', 'How long ago the job fell due that waits longest.', (state) => {
    return (state.oldestWaitingMs ?? 0) / 1_000
  })
}

function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let latest: { atMs: number; answer: Promise<T> } | undefined
  return () => {
    const nowMs = performance.now()
    if (latest === undefined || nowMs - latest.atMs >= SHARED_MS) latest = { atMs: nowMs, answer: look() }
    return latest.answer
  }
}
