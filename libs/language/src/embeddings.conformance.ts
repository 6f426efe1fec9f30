import { describe, expect, it } from 'vitest'
import type { Embeddings } from './embeddings.ts'

/** Every embeddings provider passes this, so search and the embedder need not know which one they have. */
export function describeEmbeddings(name: string, make: () => Embeddings | Promise<Embeddings>): void {
  describe(`${name}, as any embeddings provider`, () => {
    const rabbit = 'suddenly a white rabbit with pink eyes ran close by her'
    const whale = 'i would sail about a little and see the watery part of the world'

    it('says who it is and how long its vectors are', async () => {
      const embeddings = await make()

      expect(embeddings.provider).not.toBe('')
      expect(embeddings.model).not.toBe('')
      // More than 2,000 can't be indexed by pgvector.
      expect(embeddings.dimensions).toBeLessThanOrEqual(2000)
    })

    it('answers one vector of length 1 per text, in the order of the texts', async () => {
      const embeddings = await make()

      const both = await embeddings.embedTexts([rabbit, whale], document())
      const [alone] = await embeddings.embedTexts([whale], document())

      expect(both).toHaveLength(2)
      for (const vector of both) {
        expect(vector).toHaveLength(embeddings.dimensions)
        expect(Math.hypot(...vector)).toBeCloseTo(1, 3)
      }
      expect(cosine(both[1], alone)).toBeGreaterThan(0.999)
    })

    it('puts a query nearer to the passage it is about', async () => {
      const embeddings = await make()
      const [ofRabbit, ofWhale] = await embeddings.embedTexts([rabbit, whale], document())

      const [query] = await embeddings.embedTexts(['a rabbit with pink eyes'], {
        ...document(),
        purpose: 'query',
      })

      expect(cosine(query, ofRabbit)).toBeGreaterThan(cosine(query, ofWhale) + 0.1)
    })

    it('answers nothing for no texts', async () => {
      const embeddings = await make()

      expect(await embeddings.embedTexts([], document())).toEqual([])
    })

    it.each([
      ['an empty text', ''],
      ['punctuation only', '… — !?'],
      ['another script', '砸自己的脚'],
      ['a lone surrogate', 'broken \ud83d emoji'],
      ['a very long text', 'and so on '.repeat(3000)],
    ])('answers finite numbers for %s', async (_, text) => {
      const embeddings = await make()

      const [vector] = await embeddings.embedTexts([text], document())

      expect(vector?.every(Number.isFinite)).toBe(true)
      expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 3)
    })

    it('stops with the reason it was given', async () => {
      const embeddings = await make()
      const abort = new AbortController()
      const reason = new Error('taken over')

      const vectors = embeddings.embedTexts(new Array(300).fill(rabbit), {
        ...document(),
        signal: abort.signal,
      })
      abort.abort(reason)

      await expect(vectors).rejects.toBe(reason)
    })
  })
}

function document() {
  return { signal: new AbortController().signal, purpose: 'document' as const }
}

function cosine(a: readonly number[] | undefined, b: readonly number[] | undefined): number {
  if (!a || !b) throw new Error('a vector is missing')
  return a.reduce((sum, value, place) => sum + value * (b[place] ?? Number.NaN), 0)
}
