import { expect, it } from 'vitest'
import { lessonOf } from './quota.ts'

const headers = (fields: Record<string, string>) => ({ headers: new Headers(fields) })

it('learns from a success how many requests are left, and no wait', () => {
  const answer = headers({
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-reset-requests': '120ms',
  })

  expect(lessonOf({ status: 200, ...answer })).toEqual({ refused: false, left: 499 })
})

it('waits for the next request where none is left, not until all are back', () => {
  const answer = headers({
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '1m0s',
  })

  expect(lessonOf({ status: 200, ...answer })).toEqual({ refused: false, left: 0, emptyForMs: 120 })
})

it('waits until the reset where the limit is not told', () => {
  const answer = headers({ 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' })

  expect(lessonOf({ status: 200, ...answer })).toMatchObject({ emptyForMs: 360_000 })
})

it('waits until one more call of the same size fits into the tokens that are left', () => {
  const answer = headers({
    'x-ratelimit-limit-tokens': '30000',
    'x-ratelimit-remaining-tokens': '1000',
    'x-ratelimit-reset-tokens': '58s',
  })

  expect(lessonOf({ status: 200, ...answer, usedTokens: 2_000 })).toEqual({
    refused: false,
    emptyForMs: 2_000,
  })
  expect(lessonOf({ status: 200, ...answer, usedTokens: 1_000 })).toEqual({ refused: false })
  expect(lessonOf({ status: 200, ...answer })).toEqual({ refused: false })
})

it('never waits longer than the reset, however large the call was', () => {
  const answer = headers({
    'x-ratelimit-limit-tokens': '1000',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '1m0s',
  })

  expect(lessonOf({ status: 200, ...answer, usedTokens: 5_000 })).toMatchObject({ emptyForMs: 60_000 })
})

it.each([
  ['Retry-After', { status: 429, ...headers({ 'retry-after': '20' }) }, 20_000],
  ['Retry-After of an overloaded server', { status: 503, ...headers({ 'retry-after': '3' }) }, 3_000],
  ['a wait in the body', { status: 429, retryAfterMs: 31_500 }, 31_500],
  ['no wait at all', { status: 429 }, 5_000],
  ['nonsense', { status: 429, ...headers({ 'retry-after': 'soon' }) }, 5_000],
  ['a wait of NaN', { status: 429, retryAfterMs: Number.NaN }, 5_000],
  ['a year', { status: 429, ...headers({ 'retry-after': '31536000' }) }, 86_400_000],
])('takes a refusal with %s for a refusal', (_, answer, emptyForMs) => {
  expect(lessonOf(answer)).toEqual({ refused: true, emptyForMs })
})

it('waits for whichever is longer, the refusal or the quota', () => {
  const answer = headers({
    'retry-after': '1',
    'x-ratelimit-remaining-tokens': '0',
    'x-ratelimit-reset-tokens': '6s',
  })

  expect(lessonOf({ status: 429, ...answer })).toEqual({ refused: true, emptyForMs: 6_000 })
})

it.each([
  ['a success', { status: 200 }],
  ['an error that is no matter of limits', { status: 500 }],
  ['Retry-After on a success', { status: 200, ...headers({ 'retry-after': '9' }) }],
  ['headers of nonsense', headers({ 'x-ratelimit-remaining-requests': 'many' })],
  ['a negative rest', headers({ 'x-ratelimit-remaining-requests': '-1' })],
])('learns nothing from %s', (_, answer) => {
  expect(lessonOf(answer)).toEqual({ refused: false })
})

it('never gives a wait that is no number, or below zero, whatever the headers say', () => {
  const values = ['', '0', '1', '-3', '1e9', 'NaN', '6m0s', '0s', '99999999999999999999', 'x']
  for (const limit of values) {
    for (const remaining of values) {
      for (const reset of values) {
        const answer = headers({
          'x-ratelimit-limit-requests': limit,
          'x-ratelimit-remaining-requests': remaining,
          'x-ratelimit-reset-requests': reset,
          'retry-after': reset,
        })

        const { emptyForMs = 0, left = 0 } = lessonOf({ status: 429, ...answer })

        expect(emptyForMs).toBeGreaterThanOrEqual(0)
        expect(emptyForMs).toBeLessThanOrEqual(86_400_000)
        expect(left).toBeGreaterThanOrEqual(0)
      }
    }
  }
})
