import type { AnswerCache } from '@app/providers'
import { z } from 'zod'
import type { Embeddings } from './embeddings.ts'

/**
 * Queries come again, from the next page and from the next person: their vectors are paid for once while the cache
 * remembers, and whoever finds one there makes no call that a budget counts. Passages are embedded once anyway.
 */
export function withQueryCache(embeddings: Embeddings, cache: AnswerCache): Embeddings {
  const { provider, model, dimensions } = embeddings
  const schema = z.array(z.number()).length(dimensions)
  return {
    ...embeddings,
    async embedTexts(texts, options) {
      if (options.purpose !== 'query') return await embeddings.embedTexts(texts, options)
      const embed = async (text: string) => (await embeddings.embedTexts([text], options))[0] ?? []
      return await Promise.all(
        texts.map((text) => {
          const key = [provider, model, dimensions, text]
          return cache.cached({ kind: 'query-vector', key, schema }, () => embed(text))
        }),
      )
    },
  }
}
