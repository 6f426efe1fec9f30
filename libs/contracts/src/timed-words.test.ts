import { describe, expect, it } from 'vitest'
import { timedWords } from './timed-words.ts'

const heard = [
  { text: 'call', startMs: 100, endMs: 300, confidence: 0.9 },
  { text: 'me', startMs: 300, endMs: 400, confidence: 0.8 },
]

describe('timedWords', () => {
  it('takes spelling from the text and times from the words', () => {
    expect(timedWords({ startMs: 100, endMs: 400, text: 'Call me.', words: heard })).toEqual([
      { text: 'Call', startMs: 100, endMs: 300, confidence: 0.9 },
      { text: 'me.', startMs: 300, endMs: 400, confidence: 0.8 },
    ])
  })

  it('shares the time by letters where a provider gives no word times', () => {
    expect(timedWords({ startMs: 1000, endMs: 2000, text: 'Call me', words: [] })).toEqual([
      { text: 'Call', startMs: 1000, endMs: 1571 },
      { text: 'me', startMs: 1714, endMs: 2000 },
    ])
  })

  it('keeps every word of the text when the two disagree in number', () => {
    const words = timedWords({ startMs: 0, endMs: 1000, text: 'Call me Ishmael', words: heard })

    expect(words.map((word) => word.text)).toEqual(['Call', 'me', 'Ishmael'])
  })

  it.each([
    ['no text', '', heard, ['call', 'me']],
    ['neither', '  ', [], []],
  ])('answers what there is with %s', (_, text, words, expected) => {
    expect(timedWords({ startMs: 0, endMs: 1000, text, words }).map((word) => word.text)).toEqual(expected)
  })
})
