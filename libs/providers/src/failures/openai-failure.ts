import { parseSpan, parseWait } from '@app/bus'
import {
  APIConnectionError,
  APIError,
  APIUserAbortError,
  ContentFilterFinishReasonError,
  LengthFinishReasonError,
} from 'openai/core/error'
import { ProviderAnswerError, type ProviderFailure } from '../failure.ts'
import { contentRefused, cutOff, unknownFailure } from './answer-failures.ts'
import { networkFailure } from './network-failure.ts'
import {
  creditGone,
  keyRefused,
  modelGone,
  type Refusal,
  rateLimited,
  refused,
  statusFailure,
} from './status-failure.ts'

const NO_CREDIT = new Set([
  'insufficient_quota',
  'credit_balance_exhausted',
  'billing_hard_limit_reached',
  'billing_not_active',
])
/** It comes back when traffic has eased, not when a bucket has refilled. */
const SLOW_DOWN_MS = 30_000
/** Where a day's requests are used up and nothing says until when. */
const DAY_MS = 3_600_000

/** What the OpenAI SDK threw, or an adapter that read its answer. */
export function openaiFailure(error: unknown): ProviderFailure {
  if (error instanceof ProviderAnswerError) return error.failure
  if (error instanceof LengthFinishReasonError) return cutOff('openai')
  if (error instanceof ContentFilterFinishReasonError) return contentRefused('openai')
  if (error instanceof APIConnectionError || error instanceof APIUserAbortError) {
    return networkFailure('openai', error)
  }
  if (!(error instanceof APIError) || error.status === undefined) return unknownFailure('openai', error)
  const { status, headers } = error
  const refusal: Refusal = { provider: 'openai', status, headers, message: messageOf(error) }
  return { ...(ofCode(refusal, error) ?? statusFailure(refusal)), status, headers }
}

function ofCode(refusal: Refusal, { code, type, status }: APIError): ProviderFailure | undefined {
  const message = String(refusal.message)
  if (NO_CREDIT.has(code ?? '') || type === 'insufficient_quota') return creditGone(refusal)
  if (code === 'invalid_api_key' || code === 'account_deactivated') return keyRefused(refusal)
  if (code === 'model_not_found' || (status === 404 && /\bmodel\b/i.test(message))) return modelGone(refusal)
  if (status === 429) return rateLimited(refusal, waitOf(refusal, code ?? ''))
  if (status === 400) return ofInput(refusal, code ?? '', message)
  return undefined
}

function ofInput(refusal: Refusal, code: string, message: string): ProviderFailure {
  if (code === 'context_length_exceeded' || /maximum context length/i.test(message)) {
    return refused(refusal, 'input-too-long')
  }
  if (/longer than \d+ seconds/i.test(message)) return refused(refusal, 'audio-too-long')
  if (code === 'audio_too_short') return refused(refusal, 'audio-too-short')
  if (/invalid file format|unsupported.{0,20}format|could not be decoded/i.test(message)) {
    return refused(refusal, 'audio-format-refused')
  }
  if (/content_policy|content_filter|moderation/.test(code)) return contentRefused('openai')
  return refused(refusal)
}

/** Headers first, then the words of the message, then the reset of whatever is used up. */
function waitOf({ headers, message }: Refusal, code: string): number | undefined {
  const said =
    (headers && parseWait(headers)) ??
    parseSpan(/try again in ([\w.]+?)\.?(?:\s|$)/i.exec(String(message))?.[1])
  if (said !== undefined) return said
  for (const what of ['requests', 'tokens']) {
    if (headers?.get(`x-ratelimit-remaining-${what}`) !== '0') continue
    const reset = parseSpan(headers.get(`x-ratelimit-reset-${what}`))
    if (reset !== undefined) return reset
  }
  if (code === 'slow_down') return SLOW_DOWN_MS
  return /per day|\bRPD\b|\bTPD\b/.test(String(message)) ? DAY_MS : undefined
}

/** Without the status that the SDK puts before it. */
function messageOf({ error, message, status }: APIError): unknown {
  const own = (error as { message?: unknown } | undefined)?.message
  return own ?? message.replace(new RegExp(`^${status} `), '')
}

/** An answer of status 200, of either API, as far as it matters here. */
export interface OpenaiAnswer {
  choices?: readonly { finish_reason?: string | null; message?: { refusal?: string | null } | null }[]
  /** Of the Responses API. */
  status?: string | undefined
  incomplete_details?: { reason?: string | undefined } | null | undefined
  error?: { code?: string; message?: string } | null | undefined
  output?: readonly unknown[]
}

/** What is wrong with an answer that came with status 200; undefined where nothing is. */
export function openaiAnswerFailure(answer: OpenaiAnswer): ProviderFailure | undefined {
  return answer.choices ? ofCompletion(answer.choices) : ofResponse(answer)
}

function ofCompletion(choices: NonNullable<OpenaiAnswer['choices']>): ProviderFailure | undefined {
  const [choice] = choices
  if (!choice) return unknownFailure('openai', new Error('the answer has no choices'))
  if (choice.finish_reason === 'length') return cutOff('openai')
  if (choice.finish_reason === 'content_filter') return contentRefused('openai')
  const refusal = choice.message?.refusal
  return refusal ? contentRefused('openai', refusal) : undefined
}

function ofResponse({
  status,
  incomplete_details,
  error,
  output,
}: OpenaiAnswer): ProviderFailure | undefined {
  if (status === 'incomplete') {
    return incomplete_details?.reason === 'content_filter' ? contentRefused('openai') : cutOff('openai')
  }
  if (status === 'failed' || status === 'cancelled') {
    return unknownFailure('openai', new Error(error?.message ?? `the answer is ${status}`))
  }
  for (const item of output ?? []) {
    for (const part of (item as { content?: readonly { type?: string; refusal?: string }[] }).content ?? []) {
      if (part.type === 'refusal') return contentRefused('openai', part.refusal)
    }
  }
  return undefined
}
