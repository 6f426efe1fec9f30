import { type ProviderFailure, revaiJobFailure } from '@app/providers'
import type { RevAiJob } from './revai-shapes.ts'

type EndedJob = Pick<RevAiJob, 'status' | 'failure' | 'failure_detail'>

/**
 * Why a job failed that was submitted for the `number`th time. What may be submitted again is so once: what has failed
 * twice would fail again.
 */
export function failureOfJob({ status, failure, failure_detail }: EndedJob, number: number): ProviderFailure {
  const why = revaiJobFailure({
    status,
    ...(failure ? { failure } : {}),
    ...(failure_detail ? { failure_detail } : {}),
  })
  if (!why) throw new Error(`a job that is ${status} has not failed`)
  // The next submission goes without hints.
  if (failure === 'custom_vocabulary' && number === 1) return { ...why, kind: 'retry' }
  return why.kind === 'retry' && number > 1 ? { ...why, kind: 'fatal' } : why
}
