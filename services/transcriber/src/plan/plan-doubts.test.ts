import { describe, expect, it } from 'vitest'
import type { HeardSegment } from '../speech/port.ts'
import { planAgain, planReplaced } from './plan-again.ts'
import { compressionRatio, planDoubts } from './plan-doubts.ts'

const EVERYWHERE = [{ startMs: 0, endMs: 600_000 }]
/** From Moby-Dick (1851), chapter 1. */
const PROSE =
  'Some years ago, never mind how long precisely, having little or no money in my purse, and nothing particular ' +
  'to interest me on shore, I thought I would sail about a little and see the watery part of the world.'

describe('planDoubts', () => {
  it('doubts no prose', () => {
    const segments = PROSE.split(', ').map((text, index) => said(text, index))

    expect(planDoubts(segments, EVERYWHERE).every((doubt) => doubt === undefined)).toBe(true)
    expect(compressionRatio(PROSE)).toBeLessThan(2)
  })

  it.each([
    ['a sentence that comes three times in a row', Array(3).fill('thank you for watching this'), 'repeated'],
    ['a word that comes five times', Array(5).fill('Yes.'), 'repeated'],
    ['a loop inside a segment', [Array(30).fill('and so on').join(' ')], 'compressible'],
    ['a loop over segments that differ a little', loop(12), 'compressible'],
  ])('doubts %s', (_, texts, doubt) => {
    const segments = (texts as string[]).map((text, index) => said(text, index))

    expect(planDoubts(segments, EVERYWHERE)).toEqual(segments.map(() => doubt))
  })

  it.each([
    ['what is said twice', ['it was the best of times', 'it was the best of times']],
    ['a refusal', ['No.', 'No.', 'No.', 'No.']],
  ])('believes %s', (_, texts) => {
    const segments = texts.map((text, index) => said(text, index))

    expect(planDoubts(segments, EVERYWHERE)).toEqual(segments.map(() => undefined))
  })

  it('doubts text over silence, by what can be heard and by what the model says', () => {
    const segments = [
      said('here I am', 0),
      said('subtitles by nobody', 10),
      { ...said('hm', 20), noSpeechProbability: 0.9, averageLogProbability: -1.4 },
      { ...said('aloud', 30), noSpeechProbability: 0.9, averageLogProbability: -0.2 },
    ]
    const spans = [
      { startMs: 0, endMs: 5_000 },
      { startMs: 60_000, endMs: 200_000 },
    ]

    expect(planDoubts(segments, spans)).toEqual([undefined, 'over-silence', 'over-silence', undefined])
  })

  it('doubts what the model finds improbable itself', () => {
    const segments = [-0.99, -1.01].map((value, index) => ({
      ...said(`w${index}`, index),
      averageLogProbability: value,
    }))

    expect(planDoubts(segments, EVERYWHERE)).toEqual([undefined, 'improbable'])
  })
})

describe('planAgain', () => {
  const segments = ['one', 'loop', 'loop', 'two', 'loop'].map((text, index) => said(text, index))
  const doubts = [undefined, 'repeated', 'repeated', undefined, 'repeated'] as const

  it('hears again from the word before to the word after', () => {
    expect(planAgain(segments, doubts, 30_000)).toEqual([
      { first: 1, end: 3, startMs: 4_000, endMs: 15_000 },
      { first: 4, end: 5, startMs: 19_000, endMs: 30_000 },
    ])
  })

  it('takes what was heard the second time, unless that is doubtful too: then it marks the first', () => {
    const [first, second] = planAgain(segments, doubts, 30_000)
    if (!first || !second) throw new Error('nothing to hear again')

    const replaced = planReplaced(segments, doubts, [
      { stretch: first, segments: [said('really', 1)], doubts: [undefined] },
      { stretch: second, segments: [said('loop again', 4)], doubts: ['repeated'] },
    ])

    expect(replaced.map(({ text, doubtful }) => [text, doubtful])).toEqual([
      ['one', undefined],
      ['really', undefined],
      ['two', undefined],
      ['loop', 'repeated'],
    ])
  })

  it.each([
    ['text over silence', 'over-silence', []],
    ['a loop, which may hide words', 'repeated', ['made up']],
  ] as const)('where nothing is heard the second time, gives up %s', (_, doubt, kept) => {
    const made = [said('made up', 0)]
    const stretch = { first: 0, end: 1, startMs: 0, endMs: 5_000 }

    const replaced = planReplaced(made, [doubt], [{ stretch, segments: [], doubts: [] }])

    expect(replaced.map(({ text }) => text)).toEqual(kept)
  })
})

/** Four seconds, every five. */
function said(text: string, index: number): HeardSegment {
  const [startMs, endMs] = [index * 5_000, index * 5_000 + 4_000]
  return { startMs, endMs, text, words: [{ text, startMs, endMs }] }
}

function loop(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `and then he went on and on and on ${index % 4}`)
}
