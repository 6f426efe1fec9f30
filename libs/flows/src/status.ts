import type { JobStatus, OverallStatus } from '@app/contracts'

const CAN_STILL_RUN: ReadonlySet<JobStatus> = new Set(['queued', 'running', 'waiting'])

/**
 * Completed when every job is; processing while any can still run; failed when nothing can run any more:
 * a `pending` job waits for others, so with none of those left to run it never will.
 */
export function overallStatus(statuses: readonly JobStatus[]): OverallStatus {
  if (statuses.some((status) => CAN_STILL_RUN.has(status))) return 'processing'
  return statuses.length > 0 && statuses.every((status) => status === 'completed') ? 'completed' : 'failed'
}

/** Σ of the jobs' progress / their number, 0 to 1; 0 where there are none. */
export function overallProgress(progress: readonly number[]): number {
  if (progress.length === 0) return 0
  return progress.reduce((sum, one) => sum + one, 0) / progress.length
}
