import { ApiError } from '@google/genai'
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { describe, expect, it } from 'vitest'
import type { ProviderFailure } from '../failure.ts'
import { geminiAnswerFailure, geminiFailure } from './gemini-failure.ts'
import { openaiAnswerFailure, openaiFailure } from './openai-failure.ts'
import { untilPacificMidnight } from './pacific-midnight.ts'
import { revaiFailure, revaiJobFailure } from './revai-failure.ts'

const openai = (status: number, error: object, headers: Record<string, string> = {}) =>
  openaiFailure(APIError.generate(status, { error }, undefined, new Headers(headers)))
const gemini = (code: number, status: string, message: string, details?: object[]) =>
  geminiFailure(
    new ApiError({ status: code, message: JSON.stringify({ error: { code, status, message, details } }) }),
    NOON,
  )
const NOON = Date.parse('2026-11-20T20:00:00Z')

/** As short as it is read: kind, code, wait, what it stops. */
const said = (failure: ProviderFailure | undefined): string =>
  failure === undefined
    ? 'fine'
    : [failure.kind, failure.code, failure.retryAfterMs, failure.stops, failure.isOutage && 'outage']
        .filter((part) => part !== undefined && part !== false)
        .join(' ')

describe('openaiFailure', () => {
  it.each<[string, ProviderFailure, string]>([
    [
      'a rate, and says when',
      openai(429, { code: 'rate_limit_exceeded' }, { 'retry-after': '3' }),
      'retry-later rate-limited 3000',
    ],
    [
      'the exact wait',
      openai(429, { code: 'rate_limit_exceeded' }, { 'retry-after-ms': '120', 'retry-after': '1' }),
      'retry-later rate-limited 120',
    ],
    [
      'a rate in words only',
      openai(429, { message: 'Limit 500. Please try again in 1m12s. Visit us.' }),
      'retry-later rate-limited 72000',
    ],
    [
      'a bucket that is empty',
      openai(429, {}, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s' }),
      'retry-later rate-limited 360000',
    ],
    [
      'a day’s requests',
      openai(429, { message: 'Rate limit reached on requests per day (RPD): Limit 100' }),
      'retry-later rate-limited 3600000',
    ],
    ['nothing but 429', openai(429, {}), 'retry-later rate-limited 20000'],
    ['slow down', openai(429, { code: 'slow_down' }), 'retry-later rate-limited 30000'],
    ['no quota', openai(429, { code: 'insufficient_quota' }), 'stop provider-credit-exhausted'],
    [
      'no credit',
      openai(429, { code: 'credit_balance_exhausted', type: 'insufficient_quota' }),
      'stop provider-credit-exhausted',
    ],
    ['a hard limit', openai(400, { code: 'billing_hard_limit_reached' }), 'stop provider-credit-exhausted'],
    ['payment required', openai(402, {}), 'stop provider-credit-exhausted'],
    ['a wrong key', openai(401, { code: 'invalid_api_key' }), 'stop provider-key-refused'],
    [
      'no access',
      openai(403, { message: 'Country, region, or territory not supported' }),
      'stop provider-access-refused',
    ],
    ['a model that is gone', openai(404, { code: 'model_not_found' }), 'stop provider-model-gone model'],
    ['a model without access', openai(403, { code: 'model_not_found' }), 'stop provider-model-gone model'],
    ['a route that is not there', openai(404, { message: 'Not Found' }), 'stop provider-misconfigured model'],
    ['a redirect', openai(301, {}), 'stop provider-misconfigured model'],
    [
      'overload',
      openai(503, { code: 'server_is_overloaded' }),
      'retry-later provider-overloaded 20000 outage',
    ],
    ['a fault of its own', openai(500, {}), 'retry provider-failed outage'],
    ['a gateway', openai(502, {}), 'retry provider-failed outage'],
    ['a timeout of its own', openai(504, {}), 'retry provider-failed outage'],
    ['408', openai(408, {}), 'retry provider-failed outage'],
    ['409', openai(409, {}), 'retry provider-failed outage'],
    [
      'too long a sound',
      openai(400, {
        code: 'invalid_value',
        message: 'audio duration 1830.5 seconds is longer than 1400 seconds which is the maximum',
      }),
      'fatal audio-too-long',
    ],
    ['too large a file', openai(413, {}), 'fatal input-too-large'],
    [
      'a wrong format',
      openai(400, { message: 'Invalid file format. Supported formats: …' }),
      'fatal audio-format-refused',
    ],
    ['too short a sound', openai(400, { code: 'audio_too_short' }), 'fatal audio-too-short'],
    ['too long a text', openai(400, { code: 'context_length_exceeded' }), 'fatal input-too-long'],
    ['content it won’t have', openai(400, { code: 'content_policy_violation' }), 'fatal content-refused'],
    ['any other 400', openai(400, { message: 'Unknown parameter' }), 'fatal request-refused'],
    ['422', openai(422, {}), 'fatal request-refused'],
    ['a timeout', openaiFailure(new APIConnectionTimeoutError()), 'retry provider-timeout outage'],
    [
      'no connection',
      openaiFailure(
        new APIConnectionError({ cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) }),
      ),
      'retry provider-unreachable outage',
    ],
    ['something unheard of', openaiFailure(new Error('odd')), 'retry answer-unreadable'],
  ])('knows %s', (_, failure, expected) => {
    expect(said(failure)).toBe(expected)
  })

  it.each([
    [
      'a refusal',
      { choices: [{ finish_reason: 'stop', message: { refusal: 'I can’t help with that.' } }] },
      'fatal content-refused',
    ],
    ['a filter', { choices: [{ finish_reason: 'content_filter', message: {} }] }, 'fatal content-refused'],
    [
      'a text that is cut off',
      { choices: [{ finish_reason: 'length', message: {} }] },
      'fatal answer-cut-off',
    ],
    ['no choices', { choices: [] }, 'retry answer-unreadable'],
    [
      'an incomplete response',
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      'fatal answer-cut-off',
    ],
    [
      'a filtered response',
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      'fatal content-refused',
    ],
    [
      'a failed response',
      { status: 'failed', error: { code: 'server_error', message: 'x' } },
      'retry answer-unreadable',
    ],
    [
      'a refusal in a response',
      { status: 'completed', output: [{ content: [{ type: 'refusal', refusal: 'no' }] }] },
      'fatal content-refused',
    ],
    ['an answer', { choices: [{ finish_reason: 'stop', message: { refusal: null } }] }, 'fine'],
    ['a response', { status: 'completed', output: [{ content: [{ type: 'output_text' }] }] }, 'fine'],
  ])('knows %s of status 200', (_, answer, expected) => {
    expect(said(openaiAnswerFailure(answer))).toBe(expected)
  })
})

describe('geminiFailure', () => {
  const quota = (quotaId: string, retryDelay: string) => [{ violations: [{ quotaId }] }, { retryDelay }]

  it.each<[string, ProviderFailure, string]>([
    [
      'a minute’s quota',
      gemini(429, 'RESOURCE_EXHAUSTED', 'x', quota('RequestsPerMinutePerProject', '34s')),
      'retry-later rate-limited 34000',
    ],
    // 20:00 UTC is noon in California in November.
    [
      'a day’s quota of a model',
      gemini(429, 'RESOURCE_EXHAUSTED', 'x', quota('RequestsPerDayPerProjectPerModel-FreeTier', '12s')),
      'stop provider-day-quota 43260000 model',
    ],
    [
      'a day’s quota of all',
      gemini(429, 'RESOURCE_EXHAUSTED', 'x', quota('RequestsPerDayPerProject', '12s')),
      'stop provider-day-quota 43260000 provider',
    ],
    ['no details', gemini(429, 'RESOURCE_EXHAUSTED', 'x'), 'retry-later rate-limited 30000'],
    [
      'overload',
      gemini(503, 'UNAVAILABLE', 'The model is overloaded.'),
      'retry-later provider-overloaded 20000 outage',
    ],
    ['a fault of its own', gemini(500, 'INTERNAL', 'x'), 'retry provider-failed outage'],
    ['a deadline', gemini(504, 'DEADLINE_EXCEEDED', 'x'), 'retry provider-failed outage'],
    [
      'a wrong key, which is a 400',
      gemini(400, 'INVALID_ARGUMENT', 'API key not valid.', [{ reason: 'API_KEY_INVALID' }]),
      'stop provider-key-refused',
    ],
    [
      'a key that ran out',
      gemini(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.'),
      'stop provider-key-refused',
    ],
    [
      'no access',
      gemini(403, 'PERMISSION_DENIED', 'Generative Language API has not been used'),
      'stop provider-access-refused',
    ],
    [
      'a country',
      gemini(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
      'stop provider-access-refused',
    ],
    [
      'a free tier that is none',
      gemini(400, 'FAILED_PRECONDITION', 'Please enable billing on your project.'),
      'stop provider-credit-exhausted',
    ],
    [
      'too many tokens',
      gemini(400, 'INVALID_ARGUMENT', 'The input token count (1091639) exceeds the maximum'),
      'fatal input-too-long',
    ],
    [
      'a model that is gone',
      gemini(404, 'NOT_FOUND', 'models/x is not found for API version v1beta'),
      'stop provider-model-gone model',
    ],
    [
      'a file it still reads',
      gemini(400, 'FAILED_PRECONDITION', 'The File abc is not in an ACTIVE state'),
      'retry-later remote-file-not-ready 5000',
    ],
    [
      'a file it has forgotten',
      gemini(
        403,
        'PERMISSION_DENIED',
        'You do not have permission to access the File abc or it may not exist.',
      ),
      'retry remote-file-gone',
    ],
    ['any other 400', gemini(400, 'INVALID_ARGUMENT', 'Unknown name'), 'fatal request-refused'],
    [
      'a page of HTML',
      geminiFailure(new ApiError({ status: 502, message: '<html>' })),
      'retry provider-failed outage',
    ],
    [
      'no connection',
      geminiFailure(
        new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ENOTFOUND' }) }),
      ),
      'retry provider-unreachable outage',
    ],
  ])('knows %s', (_, failure, expected) => {
    expect(said(failure)).toBe(expected)
  })

  it.each([
    [
      'a prompt that is blocked',
      { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } },
      'fatal content-refused',
    ],
    ['safety', { candidates: [{ finishReason: 'SAFETY' }] }, 'fatal content-refused'],
    ['recitation', { candidates: [{ finishReason: 'RECITATION' }] }, 'fatal answer-recitation'],
    ['thinking that ate the room', { candidates: [{ finishReason: 'MAX_TOKENS' }] }, 'fatal answer-cut-off'],
    [
      'a reason nobody has heard of',
      { candidates: [{ finishReason: 'CONTINUATION' }] },
      'retry answer-unreadable',
    ],
    ['nothing', {}, 'retry answer-unreadable'],
    ['an answer', { candidates: [{ finishReason: 'STOP' }] }, 'fine'],
  ])('knows %s of status 200', (_, answer, expected) => {
    expect(said(geminiAnswerFailure(answer))).toBe(expected)
  })

  it.each([
    ['in winter', '2026-11-21T07:59:00Z', 120_000],
    ['in summer', '2026-07-21T06:00:00Z', 3_660_000],
    ['at midnight', '2026-11-21T08:00:00Z', 86_460_000],
  ])('waits a minute longer than Pacific midnight %s', (_, now, expected) => {
    expect(untilPacificMidnight(Date.parse(now))).toBe(expected)
  })
})

describe('revaiFailure', () => {
  it.each<[string, unknown, string]>([
    [
      'bad parameters',
      { statusCode: 400, details: { title: 'x', parameters: { a: ['b'] } } },
      'fatal request-refused',
    ],
    ['a bad token', { statusCode: 401, details: {} }, 'stop provider-key-refused'],
    [
      'the other deployment',
      { statusCode: 403, details: { title: 'no permission to access this deployment' } },
      'stop provider-access-refused',
    ],
    ['a job that is gone', { statusCode: 404, details: {} }, 'fatal remote-job-gone'],
    [
      'a job at work',
      { statusCode: 409, details: { current_value: 'in_progress' } },
      'retry-later remote-job-not-ready 15000',
    ],
    ['a failed job', { statusCode: 409, details: { current_value: 'failed' } }, 'fatal remote-job-failed'],
    ['a large body', { statusCode: 413, details: '' }, 'fatal input-too-large'],
    ['throttling', { statusCode: 429, details: {} }, 'retry-later rate-limited 30000'],
    [
      'throttling with a header',
      { statusCode: 429, headers: new Headers({ 'retry-after': '7' }) },
      'retry-later rate-limited 7000',
    ],
    ['a gateway', { statusCode: 502, details: '<html>' }, 'retry provider-failed outage'],
    ['a busy gateway', { statusCode: 503, details: '' }, 'retry-later provider-overloaded 20000 outage'],
    ['a slow gateway', { statusCode: 504, details: '' }, 'retry provider-failed outage'],
    [
      'a timeout of axios',
      Object.assign(new Error('timeout of 5 ms exceeded'), { code: 'ECONNABORTED' }),
      'retry provider-timeout outage',
    ],
    [
      'a lost connection',
      Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
      'retry provider-unreachable outage',
    ],
  ])('knows %s', (_, thrown, expected) => {
    expect(said(revaiFailure(thrown))).toBe(expected)
  })

  it.each([
    ['internal_processing', 'retry remote-job-failed'],
    ['transcription', 'retry remote-job-failed'],
    ['something_new', 'retry remote-job-failed'],
    ['download_failure', 'retry remote-download-failed'],
    ['duration_exceeded', 'fatal audio-too-long'],
    ['duration_too_short', 'fatal audio-too-short'],
    ['invalid_media', 'fatal audio-format-refused'],
    ['empty_media', 'fatal audio-empty'],
    ['insufficient_balance', 'stop provider-credit-exhausted'],
    ['invoicing_limit_exceeded', 'stop provider-credit-exhausted'],
    ['custom_vocabulary', 'fatal request-refused'],
  ])('knows a job that failed for %s', (failure, expected) => {
    expect(said(revaiJobFailure({ status: 'failed', failure }))).toBe(expected)
  })

  it('finds nothing wrong with a job that is done', () => {
    expect(revaiJobFailure({ status: 'transcribed' })).toBeUndefined()
  })
})
