import { expect, it } from 'vitest'
import { drawPhrase } from './draw-phrase.ts'

const SEEDS = Array.from({ length: 50 }, (_, seed) => seed)
const LINE = '“One (two) three,” four five six—seven; eight nine ten.'
const CHAPTERS = [
  { lines: [{ text: 'Too short to ask for.', startMs: 0, endMs: 900 }] },
  { lines: [{ text: LINE, startMs: 10_000, endMs: 15_000 }] },
]

it('draws the same phrase for the same seed, and others for others', () => {
  const drawn = SEEDS.map((seed) => drawPhrase(CHAPTERS, seed))

  expect(SEEDS.map((seed) => drawPhrase(CHAPTERS, seed))).toEqual(drawn)
  expect(new Set(drawn.map((phrase) => phrase?.query)).size).toBeGreaterThan(5)
})

it('draws seven to nine neighbouring words, without the marks around them', () => {
  for (const seed of SEEDS) {
    const phrase = drawPhrase(CHAPTERS, seed)

    expect('One two three, four five six seven; eight nine ten').toContain(phrase?.query.replaceAll('—', ' '))
    expect(phrase?.query.split(' ').length).toSatisfy((count: number) => count >= 7 && count <= 9)
  }
})

it('says where a phrase is, by the letters before it', () => {
  for (const seed of SEEDS) {
    const phrase = drawPhrase(CHAPTERS, seed)
    const first = phrase?.query.split(' ')[0] ?? ''

    expect(phrase?.chapterIndex).toBe(1)
    // Of a mark before the word at most: “ or (.
    expect(phrase?.startMs).toBeLessThanOrEqual(10_000 + (5_000 * LINE.indexOf(first)) / LINE.length + 1)
    expect(phrase?.startMs).toBeGreaterThanOrEqual(
      10_000 + (5_000 * (LINE.indexOf(first) - 1)) / LINE.length - 1,
    )
  }
})

it('draws nothing that is said twice', () => {
  const line = { text: 'It was the best of times, it was', startMs: 0, endMs: 1000 }
  const twice = [{ lines: [line, { ...line, startMs: 2000, endMs: 3000 }] }]

  expect(drawPhrase(twice, 1)).toBeUndefined()
})
