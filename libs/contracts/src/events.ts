import { z } from 'zod'

const job = z.object({
  jobId: z.uuid(),
  jobType: z.string(),
  subjectKind: z.string(),
  subjectId: z.uuid(),
  at: z.iso.datetime(),
})

/** Facts, for whoever listens. A hint that rows changed: Postgres says what is true. */
export const JobEvent = z.discriminatedUnion('type', [
  job.extend({ type: z.literal('job.started.v1'), attempt: z.int() }),
  job.extend({ type: z.literal('job.progressed.v1'), progress: z.number(), stage: z.string().optional() }),
  /** The run is done; its children are not. */
  job.extend({ type: z.literal('job.waiting.v1') }),
  job.extend({ type: z.literal('job.completed.v1') }),
  job.extend({ type: z.literal('job.retried.v1'), reason: z.string() }),
  job.extend({ type: z.literal('job.failed.v1'), reason: z.string() }),
  job.extend({ type: z.literal('job.cancelled.v1') }),
])
export type JobEvent = z.infer<typeof JobEvent>
