import { describe, expect, it } from 'vitest'
import { vocabularyOf } from './content-words.ts'
import { likeness, rankSentences } from './rank-sentences.ts'

const english = vocabularyOf('en')

describe('rankSentences', () => {
  it('puts the sentence that shares most with the others first', () => {
    const ranked = rankSentences(
      [
        'the captain feared the white whale',
        'the white whale sank the ship of the captain',
        'the ship sailed in december',
        'breakfast was served late',
      ],
      english,
    )

    expect(best(ranked)).toBe('the white whale sank the ship of the captain')
  })

  it('leaves out what says nothing', () => {
    expect(rankSentences(['and so it was', 'whales', 'oh well'], english).map(({ index }) => index)).toEqual([
      1,
    ])
  })

  it('ranks the same in a graph it had to thin out', () => {
    const fillers = Array.from(
      { length: 2000 },
      (_, index) => `first${index}a second${index}b third${index}c`,
    )
    const sentences = [...fillers, ...Array(30).fill('the captain hunts the whale'), ...fillers]

    const ranked = rankSentences(sentences, english)

    expect(ranked.length).toBe(400)
    expect(best(ranked)).toBe('the captain hunts the whale')
  })

  it('keeps the order of the text', () => {
    const indexes = rankSentences(['whale one', 'whale two', 'whale three'], english).map(
      ({ index }) => index,
    )

    expect(indexes).toEqual([0, 1, 2])
  })

  it('ranks a lone sentence without dividing by nothing', () => {
    expect(rankSentences(['the whale'], english)[0]?.score).toBeCloseTo(0.15)
  })
})

describe('likeness', () => {
  it.each([
    ['the same words', ['whale ship', 'whale ship'], 1],
    ['the same words in other forms', ['whales ships', 'whale ship'], 1],
    ['nothing in common', ['whale ship', 'garden rose'], 0],
  ])('is told of %s', (_, sentences, expected) => {
    const [a, b] = rankSentences(sentences, english)

    expect(likeness(a?.vector ?? new Map(), b?.vector ?? new Map())).toBeCloseTo(expected)
  })
})

function best(ranked: ReturnType<typeof rankSentences>) {
  return ranked.toSorted((a, b) => b.score - a.score)[0]?.text
}
