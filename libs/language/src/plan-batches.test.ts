import { tokensAtMost } from '@app/contracts'
import { describe, expect, it } from 'vitest'
import { planBatches } from './plan-batches.ts'

const LIMITS = { mostTexts: 100, mostTokens: 1_000, mostTokensEach: 400 }

describe('planBatches', () => {
  it('keeps all texts in order, in batches that are taken', () => {
    const texts = Array.from({ length: 250 }, (_, index) => `passage ${index} ${'word '.repeat(index % 60)}`)

    const batches = planBatches(texts, LIMITS)

    expect(batches.flat().map(({ index }) => index)).toEqual(texts.map((_, index) => index))
    for (const batch of batches) {
      expect(batch.length).toBeLessThanOrEqual(100)
      expect(batch.reduce((sum, { text }) => sum + tokensAtMost(text), 0)).toBeLessThanOrEqual(1_000)
    }
  })

  it('leaves out texts without words, under the places of the others', () => {
    const batches = planBatches(['', 'one', ' … ', 'two'], LIMITS)

    expect(batches).toEqual([
      [
        { index: 1, text: 'one' },
        { index: 3, text: 'two' },
      ],
    ])
  })

  it.each([
    ['a long text', 'and so on '.repeat(300)],
    ['long emoji', `word ${'🎉'.repeat(500)}`],
  ])('cuts %s to what is read of it', (_, long) => {
    const [only = { text: '' }] = planBatches([long], LIMITS)[0] ?? []

    expect(long.startsWith(only.text.replace('\ufffd', ''))).toBe(true)
    expect(tokensAtMost(only.text)).toBeGreaterThan(380)
    expect(tokensAtMost(only.text)).toBeLessThanOrEqual(400)
  })
})
