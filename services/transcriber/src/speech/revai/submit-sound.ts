import { ProviderAnswerError, ProviderStoppedError, type RevaiSubmission, revaiTag } from '@app/providers'
import { FatalError, RetryLaterError } from '@app/runtime'
import { planRevAiVocabulary } from '../../plan/plan-revai-vocabulary.ts'
import type { Sound, TranscribeOptions } from '../port.ts'
import { findJob } from './find-job.ts'
import { failureOfJob } from './job-failure.ts'
import { type SubmitOptions, uploadMs } from './revai-client.ts'
import { billedSeconds, CALL_MS, callFor, type RevAiDeps, revAiLanguage } from './revai-deps.ts'
import { isUnclear, RevAiError } from './revai-error.ts'
import { submissionsOf } from './submissions.ts'

const UPLOADS_AT_ONCE = { kind: 'concurrency', key: 'revai/uploads', most: 5 } as const
/** So long a submission whose answer was lost may take to be listed. */
const UNCLEAR_MS = 20_000

interface Planned {
  number: number
  /** Why the submission before this one failed. */
  failedBefore?: string
}

/** Sends the sound, unless an earlier run did: then the list of jobs has it, and nothing is paid for twice. */
export async function submitSound(
  deps: RevAiDeps,
  { sound, asked }: { sound: Sound; asked: TranscribeOptions },
  { number, failedBefore }: Planned,
): Promise<RevaiSubmission> {
  const { durationMs } = sound
  const submissions = submissionsOf(asked.job)
  const tag = revaiTag({ jobId: asked.job.id, number })
  const begunAt = await submissions.begunAt(number)
  const found = begunAt && (await search(deps, asked, { tag, since: begunAt }).catch(keepHere))
  if (found) return { remoteId: found.id, submittedAt: begunAt.toISOString(), durationMs }

  if (deps.checksBalance) await refuseWithoutCredit(deps, sound, asked)
  const url = await deps.share?.(sound, asked.signal)
  if (url === undefined) await asked.job.limits?.take(UPLOADS_AT_ONCE)
  const settings = settingsOf(deps, asked, { tag, isHinted: failedBefore !== 'custom_vocabulary' })
  await submissions.begin(number)
  const remoteId = await send(deps, asked, { sound, url, settings })
  return { remoteId, submittedAt: new Date().toISOString(), durationMs }
}

function search(deps: RevAiDeps, asked: TranscribeOptions, sought: { tag: string; since: Date }) {
  const call = callFor(deps, asked, { operation: 'find-job', timeoutMs: 8 * CALL_MS })
  return deps.calls.run(call, async (signal) => ({
    value: await findJob(deps.client, { ...sought, signal }),
  }))
}

/** Nobody else may take on what may be paid for here. */
function keepHere(error: unknown): never {
  if (!(error instanceof ProviderStoppedError)) throw error
  const { message, retryAfterMs } = error
  throw new RetryLaterError('submission-unclear', message, { retryAfterMs, cause: error })
}

async function refuseWithoutCredit(
  deps: RevAiDeps,
  { durationMs }: Sound,
  asked: TranscribeOptions,
): Promise<void> {
  await deps.calls.run(callFor(deps, asked, { operation: 'balance' }), async (signal) => {
    const seconds = await deps.client.balanceSeconds(signal)
    if (seconds * 1000 >= durationMs) return { value: undefined }
    throw new ProviderAnswerError(failureOfJob({ status: 'failed', failure: 'insufficient_balance' }, 1))
  })
}

function settingsOf(
  { model, notify, deleteAfterSeconds }: RevAiDeps,
  asked: TranscribeOptions,
  { tag, isHinted }: { tag: string; isHinted: boolean },
): SubmitOptions {
  const language = revAiLanguage(asked.language)
  const phrases = isHinted ? planRevAiVocabulary(asked.vocabulary ?? [], language) : []
  // Rev.ai sends no header but this one, and signs nothing.
  const auth_headers = notify && { Authorization: `Bearer ${notify.token.reveal()}` }
  return {
    ...{ metadata: tag, language },
    ...(model === 'machine' ? {} : { transcriber: model }),
    ...(phrases.length > 0 ? { custom_vocabularies: [{ phrases }] } : {}),
    ...(notify && auth_headers ? { notification_config: { url: notify.url, auth_headers } } : {}),
    ...(deleteAfterSeconds === undefined ? {} : { delete_after_seconds: deleteAfterSeconds }),
  }
}

interface Parcel {
  sound: Sound
  url: string | undefined
  settings: SubmitOptions
}

/** Returns the remote job's id. Error `submission-unclear` where nobody knows whether it exists. */
async function send(
  { client, calls, ...deps }: RevAiDeps,
  asked: TranscribeOptions,
  { sound, url, settings }: Parcel,
): Promise<string> {
  let unclear = false
  const timeoutMs = uploadMs(url === undefined ? sound.bytes : 0)
  try {
    return await calls.run(callFor(deps, asked, { operation: 'transcribe', timeoutMs }), async (signal) => {
      unclear = true
      const sent =
        url === undefined
          ? client.submitFile(sound.path, settings, signal)
          : client.submitUrl(url, settings, signal)
      const { id } = await sent.catch((error) => {
        unclear = signal.aborted || isUnclear(error)
        throw refusedLanguage(error, asked.language) ?? error
      })
      return { value: id, usage: { seconds: billedSeconds(sound.durationMs) } }
    })
  } catch (error) {
    asked.signal.throwIfAborted()
    if (!unclear || error instanceof RetryLaterError) throw error
    const sentence =
      'It is not known whether Rev.ai took the recording; it is looked for before it is sent again.'
    throw new RetryLaterError('submission-unclear', sentence, { retryAfterMs: UNCLEAR_MS, cause: error })
  }
}

function refusedLanguage(error: unknown, language: string | undefined): FatalError | undefined {
  if (!(error instanceof RevAiError) || error.status !== 400) return undefined
  const wrong = error.details?.parameters ?? error.details?.parameter
  if (typeof wrong !== 'object' || wrong === null || !('language' in wrong)) return undefined
  return new FatalError('language-not-supported', `Rev.ai does not transcribe "${language ?? 'en'}"`, {
    cause: error,
  })
}
