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
 * The legal moves of a job. `running → queued` is a retry, a snooze or a hand-back; `failed → queued` a redrive;
 * a cancelled job that is redriven before its turn came is `pending` again. `waiting` is a parent whose children are at
 * work: it ends as they do, and comes back to it when it or the child that failed is redriven. SQL guards each move;
 * ARCHITECTURE.md draws this record.
 */
export const JOB_MOVES: Record<JobStatus, readonly JobStatus[]> = {
  pending: ['queued', 'cancelled'],
  queued: ['running', 'cancelled'],
  running: ['queued', 'waiting', 'completed', 'failed', 'cancelled'],
  waiting: ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: ['queued', 'waiting'],
  cancelled: ['queued', 'pending', 'waiting'],
}

export const OverallStatus = z.enum(['processing', 'completed', 'failed'])
export type OverallStatus = z.infer<typeof OverallStatus>

/**
 * A clip's public status, in the order in which they are reached; never backwards within an attempt. `completed` and
 * `failed` are ends, which a retry leaves.
 */
export const ClipStatus = z.enum([
  'pending',
  'downloading',
  'extracting_audio',
  'uploading',
  'transcribing',
  'analyzing',
  'generating_embeddings',
  'storing',
  'completed',
  'failed',
])
export type ClipStatus = z.infer<typeof ClipStatus>
