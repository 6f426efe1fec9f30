import { describe, expect, it } from 'vitest'
import { geminiThinking, openaiParameters, traitsOf } from './model-traits.ts'

describe('openaiParameters', () => {
  it.each([
    ['gpt-6-luna', { max_completion_tokens: 900, store: false, reasoning_effort: 'none' }],
    ['gpt-5.6-luna', { max_completion_tokens: 900, store: false, reasoning_effort: 'none' }],
    ['gpt-5-mini', { max_completion_tokens: 900, store: false, reasoning_effort: 'minimal' }],
    ['gpt-5', { max_completion_tokens: 900, store: false, reasoning_effort: 'minimal' }],
    ['o4-mini', { max_completion_tokens: 900, store: false, reasoning_effort: 'low' }],
    ['gpt-4.1-mini', { max_completion_tokens: 900, store: false }],
    ['gpt-4o-mini-2024-07-18', { max_completion_tokens: 900, store: false }],
    ['gpt-6-pro', { max_completion_tokens: 900, store: false }],
    ['gpt-oss-20b', { max_tokens: 900 }],
    ['llama-3.3-70b-instruct', { max_tokens: 900 }],
    ['qwen3:8b', { max_tokens: 900 }],
  ])('asks %s with what it knows', (model, parameters) => {
    expect(openaiParameters(model, 900)).toEqual(parameters)
  })
})

describe('geminiThinking', () => {
  it.each([
    ['gemini-3.5-flash-lite', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3.8-flash', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3.1-pro-preview', { thinkingLevel: 'LOW' }],
    ['gemini-2.5-flash-lite', { thinkingBudget: 0 }],
    ['gemini-2.5-pro', { thinkingBudget: 128 }],
    ['gemma-3-27b-it', undefined],
  ])('has %s think as little as it can', (model, thinking) => {
    expect(geminiThinking(model)).toEqual(thinking)
  })
})

describe('traitsOf', () => {
  it('takes a small window for a model nobody knows, and what it is told', () => {
    expect(traitsOf('llama-3.3')).toEqual({ windowTokens: 8_192, mostAnswerTokens: 4_096 })
    expect(traitsOf('llama-3.3', 128_000)).toEqual({ windowTokens: 128_000, mostAnswerTokens: 64_000 })
    expect(traitsOf('gpt-6-luna')).toEqual({ windowTokens: 272_000, mostAnswerTokens: 65_536 })
  })
})
