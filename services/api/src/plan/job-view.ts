import type { JobStatus, JobView } from '@app/contracts'

/** A job's row, as the database tells it in JSON. */
export interface JobFacts {
  id: string
  type: string
  status: JobStatus
  startedAt: string | null
  completedAt: string | null
  chapterId: string | null
  position: number | null
  title: string | null
  /** Runs that have failed. */
  attempts: number
  progress: number
  errorMessage: string | null
  provider: string | null
}

/** A job as clients see it. */
export function jobView(audiobookId: string, job: JobFacts): JobView {
  const { chapterId, position, title } = job
  const hasChapter = chapterId !== null && position !== null && title !== null
  const hasError = job.errorMessage !== null && job.status !== 'completed'
  return {
    id: job.id,
    audiobook_id: audiobookId,
    job_type: job.type,
    status: job.status,
    started_at: timeOf(job.startedAt),
    completed_at: timeOf(job.completedAt),
    ...(hasChapter ? { chapter: { id: chapterId, position, title } } : {}),
    attempt: job.status === 'failed' ? Math.max(job.attempts, 1) : job.attempts + 1,
    progress: job.progress,
    ...(hasError ? { error_message: job.errorMessage ?? '' } : {}),
    ...(job.provider === null ? {} : { provider: job.provider }),
  }
}

/** Postgres writes an offset and microseconds. */
function timeOf(text: string | null): string | null {
  return text === null ? null : new Date(text).toISOString()
}
