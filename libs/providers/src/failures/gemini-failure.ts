import { parseSpan } from '@app/bus'
import type { ApiError } from '@google/genai'
import { ProviderAnswerError, type ProviderFailure } from '../failure.ts'
import { contentRefused, cutOff, unknownFailure, unreadable } from './answer-failures.ts'
import { untilPacificMidnight } from './pacific-midnight.ts'
import {
  accessRefused,
  creditGone,
  keyRefused,
  modelGone,
  type Refusal,
  rateLimited,
  refused,
  statusFailure,
} from './status-failure.ts'

/** Where nothing says how long. We send no addresses for Google to fetch, so that this can only be a quota. */
const QUOTA_MS = 30_000
/** A file is usually ACTIVE within seconds. */
const FILE_MS = 5_000

interface Detail {
  reason?: string
  retryDelay?: string
  violations?: { quotaId?: string }[]
}

interface Body {
  message: string
  state: string
  details: Detail[]
}

/** What the Gemini SDK threw, or an adapter that read its answer. `nowMs` is for a day's quota. */
export function geminiFailure(error: unknown, nowMs = Date.now()): ProviderFailure {
  if (error instanceof ProviderAnswerError) return error.failure
  if (!isApiError(error)) return unknownFailure('gemini', error)
  const { status } = error
  const body = bodyOf(error.message)
  const refusal: Refusal = { provider: 'gemini', status, message: body.message }
  return { ...(ofBody(refusal, body, nowMs) ?? statusFailure(refusal)), status }
}

/** By its name: its class is loaded only where Gemini is configured. */
const isApiError = (error: unknown): error is ApiError =>
  error instanceof Error && error.name === 'ApiError' && 'status' in error

function ofBody(refusal: Refusal, body: Body, nowMs: number): ProviderFailure | undefined {
  const { message, state, details } = body
  const reasons = details.map(({ reason }) => reason)
  if (reasons.includes('API_KEY_INVALID') || /api key (not valid|expired|not found)/i.test(message)) {
    return keyRefused(refusal)
  }
  if (refusal.status === 429) return ofQuota(refusal, details, nowMs)
  if (/\bfiles?\b/i.test(message)) return ofFile(refusal, message, state)
  if (refusal.status === 404) return modelGone(refusal)
  if (state === 'FAILED_PRECONDITION')
    return /billing/i.test(message) ? creditGone(refusal) : accessRefused(refusal)
  if (refusal.status === 400 && /token count|too many tokens|payload size/i.test(message)) {
    return refused(refusal, 'input-too-long')
  }
  return undefined
}

function ofQuota(refusal: Refusal, details: readonly Detail[], nowMs: number): ProviderFailure {
  const quotas = details.flatMap(({ violations = [] }) => violations.map(({ quotaId = '' }) => quotaId))
  const daily = quotas.filter((quota) => /PerDay/i.test(quota))
  const waits = details.map(({ retryDelay }) => parseSpan(retryDelay)).filter((ms) => ms !== undefined)
  if (daily.length === 0) return rateLimited(refusal, waits.length > 0 ? Math.max(...waits) : QUOTA_MS)
  return {
    kind: 'stop',
    code: 'provider-day-quota',
    // It resets at midnight, whatever its retryDelay says.
    sentence: 'The day’s quota at Gemini is used up; it begins anew at midnight, Pacific time.',
    stops: daily.every((quota) => /PerModel/i.test(quota)) ? 'model' : 'provider',
    retryAfterMs: untilPacificMidnight(nowMs),
  }
}

function ofFile(refusal: Refusal, message: string, state: string): ProviderFailure | undefined {
  if (state === 'FAILED_PRECONDITION') {
    const sentence = 'Gemini is still reading the file; the job comes back by itself.'
    return { kind: 'retry-later', code: 'remote-file-not-ready', sentence, retryAfterMs: FILE_MS }
  }
  if (refusal.status !== 403 && refusal.status !== 404) return undefined
  if (!/not exist|not found|permission to access the file/i.test(message)) return undefined
  const sentence = 'The file that was sent to Gemini is not there any more; it keeps them for two days.'
  return { kind: 'retry', code: 'remote-file-gone', sentence }
}

/** The SDK makes the answer's body its message. */
function bodyOf(text: string): Body {
  try {
    const { error } = JSON.parse(text) as {
      error?: { message?: string; status?: string; details?: Detail[] }
    }
    const details = Array.isArray(error?.details) ? error.details : []
    return { message: String(error?.message ?? ''), state: String(error?.status ?? ''), details }
  } catch {
    return { message: text, state: '', details: [] }
  }
}

/** An answer of status 200, as far as it matters here. */
export interface GeminiAnswer {
  promptFeedback?: { blockReason?: string | undefined } | undefined
  candidates?: readonly { finishReason?: string | undefined }[] | undefined
}

const REFUSALS = new Set([
  ...['SAFETY', 'LANGUAGE', 'BLOCKLIST', 'PROHIBITED_CONTENT', 'SPII', 'OTHER'],
  ...['IMAGE_SAFETY', 'MODEL_ARMOR', 'JAILBREAK'],
])

/** What is wrong with an answer that came with status 200; undefined where nothing is. Only STOP is a success. */
export function geminiAnswerFailure({
  promptFeedback,
  candidates,
}: GeminiAnswer): ProviderFailure | undefined {
  const blocked = promptFeedback?.blockReason
  if (blocked) return contentRefused('gemini', blocked)
  const reason = candidates?.[0]?.finishReason
  if (reason === 'STOP') return undefined
  if (reason === 'MAX_TOKENS') return cutOff('gemini')
  if (reason === 'RECITATION') {
    const sentence =
      'Gemini stopped because its answer repeats a published text; another temperature may help.'
    return { kind: 'fatal', code: 'answer-recitation', sentence }
  }
  if (REFUSALS.has(reason ?? '')) return contentRefused('gemini', reason)
  // New reasons keep coming.
  return unreadable('gemini', reason ?? 'the answer is empty')
}
