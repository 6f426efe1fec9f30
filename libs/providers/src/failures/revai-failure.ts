import { ProviderAnswerError, type ProviderFailure } from '../failure.ts'
import { unknownFailure } from './answer-failures.ts'
import { creditGone, type Refusal, rateLimited, refused, statusFailure } from './status-failure.ts'
import { quoted } from './words.ts'

/** The SDK throws the answer's headers away, and no Retry-After is documented. */
const THROTTLED_MS = 30_000
const NOT_READY_MS = 15_000

/** RFC 7807; older answers say `parameter`. */
interface Problem {
  title?: string
  detail?: string
  current_value?: string
  parameters?: Record<string, unknown>
  parameter?: Record<string, unknown>
}

/**
 * What the Rev.ai SDK threw (a plain object with `statusCode` and `details`, or an axios error), an error of ours that
 * has the same fields, or an adapter that read its answer.
 */
export function revaiFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderAnswerError) return error.failure
  const { status, problem, headers } = factsOf(error)
  if (status === undefined) return unknownFailure('revai', error)
  const refusal: Refusal = {
    provider: 'revai',
    status,
    message: wordsOf(problem),
    ...(headers ? { headers } : {}),
  }
  return { ...(ofProblem(refusal, problem) ?? statusFailure(refusal)), status }
}

function ofProblem(refusal: Refusal, problem: Problem): ProviderFailure | undefined {
  const { status } = refusal
  if (status === 404) {
    const sentence = 'Rev.ai does not have this recording’s job any more.'
    return { kind: 'fatal', code: 'remote-job-gone', sentence }
  }
  if (status === 409 && problem.current_value !== 'failed') {
    const sentence = 'Rev.ai is still at work on the recording.'
    return { kind: 'retry-later', code: 'remote-job-not-ready', sentence, retryAfterMs: NOT_READY_MS }
  }
  if (status === 409) return refused(refusal, 'remote-job-failed')
  if (status === 429) return rateLimited(refusal, THROTTLED_MS)
  return undefined
}

interface Facts {
  status: number | undefined
  problem: Problem
  headers?: Refusal['headers']
}

function factsOf(error: unknown): Facts {
  if (typeof error !== 'object' || error === null) return { status: undefined, problem: {} }
  const { statusCode, status, details, response, headers } = error as {
    statusCode?: unknown
    status?: unknown
    details?: unknown
    headers?: unknown
    response?: { status?: unknown; data?: unknown; headers?: unknown }
  }
  const number = [statusCode, status, response?.status].find((it) => typeof it === 'number')
  return {
    status: number as number | undefined,
    problem: problemOf(details ?? response?.data),
    headers: headersOf(headers ?? response?.headers),
  }
}

function problemOf(body: unknown): Problem {
  if (typeof body !== 'string') return typeof body === 'object' && body !== null ? body : {}
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}

function headersOf(headers: unknown): Refusal['headers'] {
  if (headers instanceof Headers) return headers
  const get = (headers as { get?: unknown } | undefined)?.get
  if (typeof get !== 'function') return undefined
  return { get: (name) => (get.call(headers, name) as string | null | undefined) ?? null }
}

function wordsOf({ title, detail, parameters, parameter }: Problem): string | undefined {
  const wrong = parameters ?? parameter
  return (
    [title, detail, wrong && JSON.stringify(wrong)].filter((part) => part !== undefined).join(': ') ||
    undefined
  )
}

/** A remote job that has ended, as far as it matters here. */
export interface RevaiJob {
  status?: string
  failure?: string | undefined
  failure_detail?: string | undefined
}

const INPUT_FAILURES: Record<string, [code: string, sentence: string]> = {
  duration_exceeded: [
    'audio-too-long',
    'The recording is longer than Rev.ai takes (17 hours, 12 where it is not English).',
  ],
  duration_too_short: ['audio-too-short', 'The recording is too short for Rev.ai.'],
  invalid_media: ['audio-format-refused', 'Rev.ai can not decode the recording.'],
  empty_media: ['audio-empty', 'Rev.ai finds no sound in the recording.'],
}

/** Why a remote job failed; undefined where it did not. After a `retry` it must be submitted anew. */
export function revaiJobFailure(job: RevaiJob): ProviderFailure | undefined {
  if (job.status !== 'failed') return undefined
  const { failure = '', failure_detail: detail } = job
  const ofInput = INPUT_FAILURES[failure]
  if (ofInput) return { kind: 'fatal', code: ofInput[0], sentence: ofInput[1] }
  switch (failure) {
    case 'insufficient_balance':
    case 'invoicing_limit_exceeded':
      return creditGone({ provider: 'revai' })
    case 'custom_vocabulary':
      return {
        kind: 'fatal',
        code: 'request-refused',
        sentence: `Rev.ai refused the vocabulary it was sent${quoted(detail)}`,
      }
    case 'download_failure':
      return {
        kind: 'retry',
        code: 'remote-download-failed',
        sentence: `Rev.ai could not fetch the recording${quoted(detail)}`,
      }
    default:
      return {
        kind: 'retry',
        code: 'remote-job-failed',
        sentence: `Rev.ai failed on the recording (${failure || 'no reason given'}).`,
      }
  }
}
