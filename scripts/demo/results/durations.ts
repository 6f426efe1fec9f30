import type { JobView } from '@app/contracts'

/** `0:07`, `12:30`, `1:02:03`. */
export function durationText(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = String(seconds % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

/** How long the job's last run took; undefined while it is not over. */
export function secondsOf({ started_at, completed_at }: JobView): number | undefined {
  if (started_at === null || completed_at === null) return undefined
  return Math.max(0, Date.parse(completed_at) - Date.parse(started_at)) / 1000
}

/** Seconds of work by stage, in the order in which the stages come. Jobs at work side by side count each. */
export function secondsPerStage(jobs: readonly JobView[]): Record<string, number> {
  const seconds: Record<string, number> = {}
  for (const job of jobs) {
    seconds[job.job_type] = rounded((seconds[job.job_type] ?? 0) + (secondsOf(job) ?? 0))
  }
  return seconds
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
