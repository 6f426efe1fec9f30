import { describe, expect, it } from 'vitest'
import { planWhisper } from './plan-whisper.ts'

const word = (text: string, start: number) => ({ word: text, start, end: start + 0.2 })

describe('planWhisper', () => {
  it('gives each segment its words, by their number, and what it says of itself', () => {
    const segments = [
      { start: 0, end: 1, text: ' Call me.', avg_logprob: -0.2, no_speech_prob: 0.01 },
      { start: 1, end: 2, text: ' Ishmael.' },
    ]
    // The second word begins where the next segment does.
    const words = [word('Call', 0), word('me', 1), word('Ishmael', 1.2)]

    const utterances = planWhisper({ text: '', segments, words })

    expect(utterances.map((utterance) => utterance.words?.map(({ text }) => text))).toEqual([
      ['Call', 'me'],
      ['Ishmael'],
    ])
    expect(utterances[0]).toMatchObject({
      startMs: 0,
      endMs: 1000,
      averageLogProbability: -0.2,
      noSpeechProbability: 0.01,
    })
  })

  it('goes by their times where their numbers differ', () => {
    const segments = [
      { start: 0, end: 1, text: ' £13.60' },
      { start: 1, end: 2, text: ' Ishmael' },
    ]
    const words = [word('thirteen', 0), word('sixty', 0.5), word('Ishmael', 1.2)]

    expect(planWhisper({ text: '', segments, words }).map(({ words }) => words?.length)).toEqual([2, 1])
  })

  it('takes a text alone, and words without segments', () => {
    expect(planWhisper({ text: 'Call me' })).toEqual([{ text: 'Call me', words: [] }])
    expect(planWhisper({ text: 'Call', segments: [], words: [word('Call', 3)] })).toEqual([
      { text: 'Call', words: [{ text: 'Call', startMs: 3000, endMs: 3200 }] },
    ])
  })
})
