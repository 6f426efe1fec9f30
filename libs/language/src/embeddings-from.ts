import { FatalError } from '@app/runtime'
import { z } from 'zod'
import type { Embeddings } from './embeddings.ts'
import { lexicalEmbeddings } from './lexical-embeddings.ts'

/** The variables `embeddingsFrom` reads, to be spread into the `loadConfig` of every service that embeds. */
export const embeddingsConfig = {
  /** `auto` takes the first provider that is configured; with none configured, text stays on this machine. */
  EMBEDDINGS_PROVIDER: z.enum(['auto', 'local', 'openai', 'gemini']).default('auto'),
}

type EmbeddingsConfig = { EMBEDDINGS_PROVIDER: z.infer<(typeof embeddingsConfig)['EMBEDDINGS_PROVIDER']> }

/** Queries must be embedded by what embedded the passages: give all services the same variables. */
export function embeddingsFrom({ EMBEDDINGS_PROVIDER: provider }: EmbeddingsConfig): Embeddings {
  switch (provider) {
    case 'auto':
    case 'local':
      return lexicalEmbeddings()
    case 'openai':
    case 'gemini':
      throw new FatalError(
        'provider-not-available',
        `EMBEDDINGS_PROVIDER=${provider} is not built into this version; set it to "local" or leave it out`,
      )
  }
}
