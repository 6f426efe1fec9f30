import type { AudiobookJobs, JobView } from '@app/contracts'
import { secondsOf } from '../results/durations.ts'

/** How far a job must have come for another line: a log of a long recording stays readable. */
const STEP = 0.25

/** What has changed since the last look, a line for each job that is worth one. For logs, which nobody redraws. */
export function planNews(before: AudiobookJobs | undefined, after: AudiobookJobs): string[] {
  const last = new Map(before?.jobs.map((job) => [job.id, job]))
  return after.jobs.flatMap((job) => {
    const news = newsOf(last.get(job.id), job)
    return news === undefined ? [] : [`${nameOf(job)}: ${news}`]
  })
}

function newsOf(before: JobView | undefined, job: JobView): string | undefined {
  if (before?.status === job.status) return progressOf(before, job)
  switch (job.status) {
    case 'running':
      return job.attempt > 1 ? `starts, attempt ${job.attempt}` : 'starts'
    case 'completed':
      return `done${tookOf(job)}`
    case 'failed':
      return `failed: ${job.error_message ?? 'no reason given'}`
    case 'cancelled':
      return 'cancelled'
    case 'queued':
      return before?.status === 'running' ? `waits for another try: ${job.error_message ?? ''}` : undefined
    case 'pending':
    case 'waiting':
      return undefined
  }
}

function progressOf(before: JobView, job: JobView): string | undefined {
  const step = Math.floor(job.progress / STEP)
  const isNews = job.status === 'running' && step > Math.floor(before.progress / STEP)
  return isNews ? `${Math.floor(job.progress * 100)} %` : undefined
}

function tookOf(job: JobView): string {
  const seconds = secondsOf(job)
  return seconds === undefined ? '' : ` in ${seconds.toFixed(1)} s`
}

function nameOf({ job_type, chapter }: JobView): string {
  return chapter ? `${job_type} “${chapter.title}”` : job_type
}
