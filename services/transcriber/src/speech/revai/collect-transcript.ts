import { ProviderAnswerError, type RevaiSubmission } from '@app/providers'
import { RetryLaterError } from '@app/runtime'
import { planHeard } from '../../plan/plan-heard.ts'
import { planPollDelay } from '../../plan/plan-poll-delay.ts'
import { planRevAiTranscript } from '../../plan/plan-revai-transcript.ts'
import type { Heard, TranscribeOptions } from '../port.ts'
import { failureOfJob } from './job-failure.ts'
import { billedSeconds, CALL_MS, callFor, PROVIDER, type RevAiDeps, revAiLanguage } from './revai-deps.ts'
import { RevAiError } from './revai-error.ts'
import type { RevAiJob } from './revai-shapes.ts'
import { submissionsOf } from './submissions.ts'

/** What came of a submission. Throws RetryLaterError `transcript-pending` while nothing has. */
export async function collectTranscript(
  deps: RevAiDeps,
  asked: TranscribeOptions,
  { number, submission }: { number: number; submission: RevaiSubmission },
): Promise<Heard> {
  const { remoteId, submittedAt, durationMs } = submission
  const job = await look(deps, asked, { number, remoteId })
  if (job.status !== 'transcribed') throw pending(deps, Date.now() - Date.parse(submittedAt))
  const call = callFor(deps, asked, { operation: 'read-transcript', timeoutMs: 4 * CALL_MS })
  const { monologues } = await deps.calls.run(call, async (signal) => ({
    value: await deps.client.transcript(remoteId, signal),
  }))
  asked.onProgress(1)
  return {
    language: asked.language ?? revAiLanguage(job.language ?? undefined),
    ...{ provider: PROVIDER, model: deps.model, durationMs },
    segments: planHeard(planRevAiTranscript(monologues), { durationMs, spans: [] }),
    secondsBilled: billedSeconds(durationMs),
  }
}

function pending({ notify }: RevAiDeps, sinceMs: number): RetryLaterError {
  const retryAfterMs = planPollDelay({ sinceMs, isTold: notify !== undefined })
  return new RetryLaterError('transcript-pending', 'Rev.ai is at work on the recording.', { retryAfterMs })
}

interface Looked {
  number: number
  remoteId: string
}

/** The remote job. Where it failed, or is gone, the job's next run submits the sound anew. */
async function look(
  deps: RevAiDeps,
  asked: TranscribeOptions,
  { number, remoteId }: Looked,
): Promise<RevAiJob> {
  let ended: string | undefined
  try {
    return await deps.calls.run(callFor(deps, asked, { operation: 'look-at-job' }), async (signal) => {
      const job = await deps.client.job(remoteId, signal).catch((error) => {
        if (error instanceof RevAiError && error.status === 404) ended = 'gone'
        throw error
      })
      if (job.status !== 'failed') return { value: job }
      ended = job.failure ?? 'unknown'
      throw new ProviderAnswerError(failureOfJob(job, number))
    })
  } catch (error) {
    if (ended !== undefined) await submissionsOf(asked.job).failed(number, ended)
    throw error
  }
}
