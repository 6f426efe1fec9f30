import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { cancelBook, cancelJob, redriveDeadLetter, redriveJob, whyNotRunning } from '@app/jobs'
import { subjectOfJob } from '../queries/book-jobs.ts'
import type { DeadLetterRoutesDeps } from '../routes/dead-letters.ts'
import type { JobRoutesDeps } from '../routes/jobs.ts'
import { setJobStatus } from './set-job-status.ts'

interface JobParts {
  db: Db
  bus: Bus
  /** Jobs of this subject have changed: some may be due, and streams have something to show. */
  onChange: (subjectId: string | undefined) => void
}

/** What the routes about jobs and dead letters need. */
export function jobDeps({ db, bus, onChange }: JobParts): Omit<JobRoutesDeps & DeadLetterRoutesDeps, 'db'> {
  return {
    whyNotRunning: (jobId) => whyNotRunning(db, bus, jobId),
    redriveDeadLetter: async (id, who) => {
      const jobId = await redriveDeadLetter(db, id, who)
      onChange(await subjectOfJob(db, jobId))
      return jobId
    },
    cancelBook: async (audiobookId, who) => {
      const cancelled = await cancelBook({ db, bus }, audiobookId, who)
      onChange(audiobookId)
      return cancelled
    },
    setJobStatus: (jobId, who, body) => setJobStatus({ db, onChange }, { jobId, who, body }),
    retryJob: async (jobId, who) => {
      await redriveJob(db, jobId, who)
      onChange(await subjectOfJob(db, jobId))
    },
    cancelJob: async (jobId, who) => {
      await cancelJob({ db, bus }, jobId, who)
      onChange(await subjectOfJob(db, jobId))
    },
  }
}
