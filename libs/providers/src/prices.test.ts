import { expect, it } from 'vitest'
import { costOf } from './prices.ts'

const TODAY = new Date('2026-11-21T12:00:00Z')

it.each([
  ['a minute of sound', 'openai', 'gpt-transcribe', { seconds: 60 }, 0.0045],
  ['a dated model', 'openai', 'gpt-transcribe-2026-10-07', { seconds: 600 }, 0.045],
  ['text in and out', 'openai', 'gpt-6-luna', { inputTokens: 200_000, outputTokens: 10_000 }, 0.025],
  [
    'text from the cache',
    'openai',
    'gpt-6-luna',
    { inputTokens: 200_000, cachedInputTokens: 100_000 },
    0.011,
  ],
  ['a long prompt', 'openai', 'gpt-6-luna', { inputTokens: 300_000 }, 0.06],
  ['sound in tokens', 'gemini', 'gemini-3.5-flash-lite', { inputTokens: 115_200 }, 0.03456],
  ['an hour at Rev.ai', 'revai', 'machine', { seconds: 3_600 }, 0.2],
  ['what the provider itself says', 'openai', 'gpt-6-luna', { inputTokens: 5, costUsd: 3 }, 3],
] as const)('estimates %s', (_, provider, model, usage, expected) => {
  expect(costOf({ provider, model }, usage, TODAY)).toBeCloseTo(expected, 9)
})

it('changes the price on the day it changes', () => {
  const call = { provider: 'gemini', model: 'gemini-3.8-flash' } as const

  expect(costOf(call, { outputTokens: 1_000_000 }, new Date('2026-12-31T23:59:59Z'))).toBe(3.75)
  expect(costOf(call, { outputTokens: 1_000_000 }, new Date('2027-01-01T00:00:00Z'))).toBe(7.5)
})

it.each([
  ['of a model nobody has a price for', 'my-own-model', { inputTokens: 10 }],
  ['without usage', 'gpt-6-luna', {}],
])('says nothing about a call %s', (_, model, usage) => {
  expect(costOf({ provider: 'openai', model }, usage, TODAY)).toBeUndefined()
})
