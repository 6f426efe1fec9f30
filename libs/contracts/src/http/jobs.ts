import { z } from 'zod'
import { JobStatus, OverallStatus } from '../states.ts'

export const JobView = z.object({
  id: z.uuid(),
  audiobook_id: z.uuid(),
  job_type: z.string(),
  status: JobStatus,
  started_at: z.iso.datetime().nullable(),
  completed_at: z.iso.datetime().nullable(),
  chapter: z.object({ id: z.uuid(), position: z.int(), title: z.string() }).optional(),
  /** The run it is in, or will be in next: 1 for the first. */
  attempt: z.int(),
  /** 0 to 1. A job that waits for children has theirs: Σ / their number. */
  progress: z.number(),
  error_message: z.string().optional(),
  provider: z.string().optional(),
})
export type JobView = z.infer<typeof JobView>

export const AudiobookJobs = z.object({
  audiobook_id: z.uuid(),
  /** Without those that are children of one of these. */
  jobs: z.array(JobView),
  overall_status: OverallStatus,
  /** Σ of the jobs' progress / total_jobs. */
  progress: z.number(),
  total_jobs: z.int(),
  completed_jobs: z.int(),
  failed_jobs: z.int(),
})
export type AudiobookJobs = z.infer<typeof AudiobookJobs>

/** `running` claims and answers the fence; every later call carries it. */
export const SetJobStatus = z
  .object({
    status: z.enum(['running', 'completed', 'failed']),
    fence: z.int32().nonnegative().optional(),
    progress: z.number().min(0).max(1).optional(),
    output: z.unknown().optional(),
    error_message: z.string().max(10_000).optional(),
  })
  .refine((body) => body.status === 'running' || body.fence !== undefined, {
    path: ['fence'],
    message: 'needed with every status but the first "running"',
  })
export type SetJobStatus = z.infer<typeof SetJobStatus>

export const JobStatusSet = z.object({ job_id: z.uuid(), status: JobStatus, fence: z.int() })
export type JobStatusSet = z.infer<typeof JobStatusSet>

/** What is decisive first. `message` is for people; `data` holds what it is made of. */
export const JobWhy = z.object({
  job_id: z.uuid(),
  status: JobStatus,
  reasons: z.array(
    z.object({ code: z.string(), message: z.string(), data: z.record(z.string(), z.unknown()) }),
  ),
})
export type JobWhy = z.infer<typeof JobWhy>

export const BookCancelled = z.object({
  audiobook_id: z.uuid(),
  /** Jobs that had not ended. */
  cancelled: z.int(),
  overall_status: OverallStatus,
})
export type BookCancelled = z.infer<typeof BookCancelled>

/** What Server-Sent Events of a book carry: `snapshot` first, then `changed` with the jobs that did. */
export const AudiobookEvent = AudiobookJobs

/** Opens the book's event stream for a while, as `?ticket=`, where headers can't be sent. */
export const EventTicket = z.object({ ticket: z.string(), expires_in_s: z.int() })
export type EventTicket = z.infer<typeof EventTicket>
