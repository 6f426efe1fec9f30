import type { DownloadJob } from '@app/contracts'
import type { Job, RunContext } from '@app/jobs'
import type { z } from 'zod'
import type { DownloadDeps } from './download-deps.ts'

export type DownloadResult = z.output<typeof DownloadJob.result>

/** One run of a download. */
export interface DownloadRun {
  job: Job<z.output<typeof DownloadJob.input>>
  deps: DownloadDeps
  context: RunContext
}
