import { describe, expect, it } from 'vitest'
import { planOpenAiHints } from './plan-openai-hints.ts'

describe('planOpenAiHints', () => {
  it('gives gpt-transcribe keywords, a hundred at most', () => {
    const names = Array.from({ length: 150 }, (_, index) => `Name ${index}`)

    expect(planOpenAiHints('gpt-transcribe', names)).toEqual({ keywords: names.slice(0, 100) })
  })

  it('gives Whisper the likeliest names, as many as it reads', () => {
    const names = ['Ahab', ...Array.from({ length: 100 }, (_, index) => `Another name ${index}`)]

    const { prompt = '' } = planOpenAiHints('whisper-1', names)

    expect(prompt.startsWith('Ahab, Another name 0, ')).toBe(true)
    expect(prompt.length).toBeLessThanOrEqual(601)
  })

  it('gives nothing where there is nothing, or where the model takes nothing', () => {
    expect(planOpenAiHints('whisper-1', ['', '  '])).toEqual({})
    expect(planOpenAiHints('gpt-4o-transcribe-diarize', ['Ahab'])).toEqual({})
  })
})
