import { parseSpan, parseWait } from './spans.ts'

/** What a provider's answer said, as far as it concerns limits. */
export interface ProviderAnswer {
  status?: number
  headers?: { get(name: string): string | null }
  /** Where the wait stands in the body, as Gemini's RetryInfo. */
  retryAfterMs?: number
  /** Tokens of text that the call used, and the next one like it will. */
  usedTokens?: number
}

/** What a bucket is told: that it is empty for so long, or holds so many tokens at most. */
export interface Lesson {
  emptyForMs?: number
  left?: number
  /** The provider did not do what it was asked: too many requests, or an error that says when to come again. */
  refused: boolean
}

/** Where a provider says "too many" and not until when. */
const UNKNOWN_WAIT_MS = 5_000
/** Longer waits than this are taken for nonsense, or are at least asked about again. */
const LONGEST_MS = 24 * 60 * 60_000

/**
 * Reads 429, Retry-After and the remaining quota (`x-ratelimit-{limit,remaining,reset}-{requests,tokens}`). Quotas
 * refill evenly at OpenAI and its like: with the limit known, what is missing is back sooner than the whole reset.
 */
export function lessonOf(answer: ProviderAnswer): Lesson {
  const requests = quotaOf(answer, 'requests')
  const refusedMs = refusedForMs(answer)
  const waits = [refusedMs, requests && missingMs(requests, 1), missingTokensMs(answer)].filter(
    (ms) => ms !== undefined,
  )
  return {
    refused: refusedMs !== undefined,
    ...(waits.length > 0 ? { emptyForMs: Math.min(Math.max(...waits), LONGEST_MS) } : {}),
    ...(requests ? { left: Math.floor(requests.remaining) } : {}),
  }
}

interface Quota {
  remaining: number
  limit: number | undefined
  resetMs: number | undefined
}

function quotaOf({ headers }: ProviderAnswer, what: 'requests' | 'tokens'): Quota | undefined {
  const read = (part: string) => headers?.get(`x-ratelimit-${part}-${what}`) ?? undefined
  const remaining = numberIn(read('remaining'))
  if (remaining === undefined) return undefined
  return { remaining, limit: numberIn(read('limit')), resetMs: parseSpan(read('reset')) }
}

function refusedForMs({ status = 200, headers, retryAfterMs }: ProviderAnswer): number | undefined {
  if (status < 400) return undefined
  const said = retryAfterMs ?? (headers && parseWait(headers))
  if (said !== undefined && said >= 0 && Number.isFinite(said)) return said
  return status === 429 ? UNKNOWN_WAIT_MS : undefined
}

/** One more call like this one must fit into what is left. */
function missingTokensMs(answer: ProviderAnswer): number | undefined {
  const tokens = quotaOf(answer, 'tokens')
  return tokens && missingMs(tokens, Math.max(answer.usedTokens ?? 1, 1))
}

/** How long until `needed` are there; undefined where they are. */
function missingMs({ remaining, limit, resetMs }: Quota, needed: number): number | undefined {
  if (remaining >= needed || resetMs === undefined) return undefined
  if (limit === undefined || limit <= remaining) return resetMs
  return Math.min(Math.ceil((resetMs * (needed - remaining)) / (limit - remaining)), resetMs)
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*\d{1,15}(\.\d{1,9})?\s*$/.test(text)) return undefined
  return Number(text)
}
