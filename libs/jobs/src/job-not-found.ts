import { FatalError } from '@app/runtime'

export const jobNotFound = (jobId: string): FatalError =>
  new FatalError('job-not-found', `there is no job ${jobId}`)
