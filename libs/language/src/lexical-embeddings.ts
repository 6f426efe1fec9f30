import { setImmediate } from 'node:timers/promises'
import type { Embeddings } from './embeddings.ts'
import { LEXICAL_DIMENSIONS, lexicalVector } from './lexical-vector.ts'

/** Texts between two looks at the signal, and two chances for other work in this process: about 10 ms. */
const BATCH = 50

/**
 * Embeddings without a model or a download. They find passages that share words or misheard words with the
 * query, not meanings; their name says so wherever a result is shown.
 */
export function lexicalEmbeddings(): Embeddings {
  return {
    provider: 'local',
    // Changing what lexicalVector answers means a new name: old vectors don't compare with new ones.
    model: `lexical-hash-${LEXICAL_DIMENSIONS}-1`,
    dimensions: LEXICAL_DIMENSIONS,
    async embedTexts(texts, { signal }) {
      const vectors: number[][] = []
      for (const [index, text] of texts.entries()) {
        if (index % BATCH === 0) await setImmediate()
        signal.throwIfAborted()
        vectors.push(lexicalVector(text))
      }
      return vectors
    },
  }
}
