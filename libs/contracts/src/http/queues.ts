import { z } from 'zod'

/** Jobs by state; a state that nobody is in is left out. */
const counts = z.record(z.string(), z.int())

export const QueueView = z.object({
  queue: z.string(),
  /** Queued and running: what is still to do. */
  depth: z.int(),
  jobs: counts,
  lanes: z.object({ high: counts, normal: counts, low: counts }),
  /** Queued jobs that no living worker knows: they wait for one of another version. Counted up to 100,000. */
  parked: z.int(),
  /** Since the job fell due that waits longest; null where none waits. */
  oldest_waiting_s: z.number().nullable(),
  /** Living processes that read the queue, and the jobs of it that they run at once. */
  workers: z.int(),
  slots: z.int(),
  /** Who stopped its starts; null where nobody did. `draining`: somebody waits until nothing of it runs. */
  paused: z
    .object({
      by: z.string(),
      at: z.iso.datetime(),
      reason: z.string().nullable(),
      draining: z.boolean(),
    })
    .nullable(),
  /** Entries on its streams; null while Redis is away. */
  entries: z.int().nullable(),
})
export type QueueView = z.infer<typeof QueueView>

export const Queues = z.object({ queues: z.array(QueueView) })
export type Queues = z.infer<typeof Queues>

export const PauseQueue = z.object({ reason: z.string().trim().min(1).max(500).optional() })
export type PauseQueue = z.infer<typeof PauseQueue>
