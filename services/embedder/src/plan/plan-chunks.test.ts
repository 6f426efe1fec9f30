import { type Segment, tokensAtMost } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { type Chunk, planChunks } from './plan-chunks.ts'

describe('planChunks', () => {
  it.each([
    ['one word', [1]],
    ['a page of short segments', Array(30).fill(7)],
    ['segments as long as a chunk', Array(10).fill(60)],
    ['one giant segment', [5000]],
    ['a giant among short ones', [5, 12, 900, 3, 8, 40, 1]],
    ['exactly the most a chunk holds', [80]],
    ['one more than that', [81]],
    ['a short rest', [60, 60, 10]],
    ['hours of one-word segments', Array(20_000).fill(1)],
  ])('keeps every word of %s, in order', (_, lengths) => {
    const segments = spoken(lengths)

    const chunks = planChunks(segments)

    expect(withoutOverlap(chunks)).toEqual(segments.flatMap((segment) => segment.text.split(' ')))
  })

  it.each([[[1000]], [Array(100).fill(9)], [Array(30).fill(33)], [Array(12).fill(79)], [Array(9).fill(97)]])(
    'makes chunks of about 40 to 80 words from segments of %j',
    (lengths) => {
      const sizes = planChunks(spoken(lengths)).map((chunk) => chunk.text.split(' ').length)

      expect(Math.min(...sizes)).toBeGreaterThanOrEqual(35)
      expect(Math.max(...sizes)).toBeLessThanOrEqual(100)
    },
  )

  it('cuts between segments where it can', () => {
    const segments = spoken(Array(20).fill(20))

    const starts = planChunks(segments).map((chunk) => chunk.startMs)

    expect(starts.every((startMs) => segments.some((segment) => segment.startMs === startMs))).toBe(true)
  })

  it('has each stretch of eight words whole in one chunk', () => {
    const segments = spoken([300, 2, 11, 44, 61, 7, 7, 200])
    const words = segments.flatMap((segment) => segment.text.split(' '))

    const chunks = planChunks(segments)

    for (let at = 0; at + 8 <= words.length; at += 1) {
      const stretch = `${words.slice(at, at + 8).join(' ')} `
      expect(chunks.some((chunk) => `${chunk.text} `.includes(stretch))).toBe(true)
    }
  })

  it('gives each chunk the time from its first word to its last', () => {
    const [first, second] = planChunks(spoken([200]))

    expect(first).toMatchObject({ index: 0, startMs: 0, endMs: 59 * 300 + 250 })
    expect(second).toMatchObject({ index: 1, startMs: 45 * 300 })
  })

  it('places words by their share of the segment where the provider gave no word times', () => {
    const segment = { startMs: 60_000, endMs: 120_000, text: Array(200).fill('word').join(' '), words: [] }

    const [first, second] = planChunks([segment])

    expect(first?.startMs).toBe(60_000)
    expect(second?.startMs).toBe(Math.round(60_000 + (60_000 * 45 * 5) / (200 * 5 - 1)))
  })

  it('cuts where a sentence ends, also in the middle of a segment', () => {
    const sentence = 'one two three four five six seven eight nine ten eleven, says Mr. Brown twice.'
    const text = Array(20).fill(sentence).join(' ')
    const words = text
      .split(' ')
      .map((each, index) => ({ text: each, startMs: index * 300, endMs: index * 300 + 250 }))

    const chunks = planChunks([{ startMs: 0, endMs: words.length * 300, text, words }])

    expect(chunks.length).toBeGreaterThan(3)
    for (const chunk of chunks) {
      expect(chunk.text).toMatch(/^one two/)
      expect(chunk.text).toMatch(/twice\.$/)
    }
  })

  it.each([
    ['Chinese', '他砸了自己的脚，然后慢慢地走回家去。', /。$/],
    ['Thai', 'แม่ไปตลาดและซื้อขนมปังและนมให้เด็กๆ ', undefined],
  ])('makes passages of %s, which has no spaces between words', (_, sentence, ending) => {
    const text = sentence.repeat(60).trim()

    const chunks = planChunks([{ startMs: 0, endMs: 600_000, text, words: [] }])

    expect(chunks.length).toBeGreaterThan(5)
    expect(Math.max(...chunks.map((chunk) => chunk.text.length))).toBeLessThan(600)
    expect(chunks.every((chunk) => text.includes(chunk.text))).toBe(true)
    if (ending) expect(chunks.every((chunk) => ending.test(chunk.text))).toBe(true)
    expect(chunks.at(-1)?.endMs).toBe(600_000)
    expect(chunks.map(({ startMs }) => startMs)).toEqual(
      chunks.map(({ startMs }) => startMs).toSorted((a, b) => a - b),
    )
  })

  it.each([
    ['long words', Array(300).fill('donaudampfschifffahrtsgesell').join(' ')],
    ['a word without end', 'a'.repeat(20_000)],
    ['emoji', '🎉'.repeat(3_000)],
  ])('makes nothing of %s that a model does not read whole, and leaves nothing out', (_, text) => {
    const chunks = planChunks([{ startMs: 0, endMs: 60_000, text, words: [] }], { mostTokens: 500 })

    expect(Math.max(...chunks.map((chunk) => tokensAtMost(chunk.text)))).toBeLessThanOrEqual(500)
    expect(chunks.map((chunk) => chunk.text).join('').length).toBeGreaterThanOrEqual(text.length)
    expect(chunks.length).toBeLessThan(400)
  })

  it.each([
    ['no segments', []],
    ['a segment without words', [{ startMs: 0, endMs: 100, text: ' ', words: [] }]],
  ])('makes nothing of %s', (_, segments) => {
    expect(planChunks(segments)).toEqual([])
  })
})

/** Segments of so many words each; every word is another one and takes 300 ms. */
function spoken(lengths: readonly number[]): Segment[] {
  let next = 0
  return lengths.map((length) => {
    const words = Array.from({ length }, () => {
      const word = { text: `w${next}`, startMs: next * 300, endMs: next * 300 + 250 }
      next += 1
      return word
    })
    const text = words.map((word) => word.text).join(' ')
    return { startMs: words[0]?.startMs ?? 0, endMs: words.at(-1)?.endMs ?? 0, text, words }
  })
}

/** Words are numbered, so an overlap is what is not beyond the last number seen. */
function withoutOverlap(chunks: readonly Chunk[]): string[] {
  let last = -1
  return chunks
    .flatMap((chunk) => chunk.text.split(' '))
    .filter((word) => {
      const number = Number(word.slice(1))
      if (number <= last) return false
      last = number
      return true
    })
}
