import { z } from 'zod'

export const JobStatus = z.enum([
  'pending',
  'queued',
  'running',
  'waiting',
  'completed',
  'failed',
  'cancelled',
])
export type JobStatus = z.infer<typeof JobStatus>

/**
 * The legal moves of a job. `running → queued` is a retry, a snooze or a hand-back;
 * `failed → queued` a redrive. SQL guards each of them; ARCHITECTURE.md draws this record.
 */
export const JOB_MOVES: Record<JobStatus, readonly JobStatus[]> = {
  pending: ['queued', 'cancelled'],
  queued: ['running', 'failed', 'cancelled'],
  running: ['queued', 'waiting', 'completed', 'failed', 'cancelled'],
  waiting: ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: ['queued', 'waiting', 'cancelled'],
  cancelled: ['queued'],
}

export const OverallStatus = z.enum(['processing', 'completed', 'failed'])
export type OverallStatus = z.infer<typeof OverallStatus>
