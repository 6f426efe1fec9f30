import { geminiClient, openaiClient, type Providers, type ProvidersConfig, setupOf } from '@app/providers'
import { FatalError } from '@app/runtime'
import { z } from 'zod'
import type { Embeddings } from './embeddings.ts'
import { geminiEmbeddings } from './gemini-embeddings.ts'
import { lexicalEmbeddings } from './lexical-embeddings.ts'
import { openaiEmbeddings } from './openai-embeddings.ts'
import { withQueryCache } from './with-query-cache.ts'

/** The variables `embeddingsFrom` reads beside `providersConfig`, for the `loadConfig` of every service that embeds. */
export const embeddingsConfig = {
  /** `auto` takes the first that is configured of openai, gemini; with none configured, text stays on this machine. */
  EMBEDDINGS_PROVIDER: z.enum(['auto', 'local', 'openai', 'gemini']).default('auto'),
  /** Numbers of a vector: what OpenAI and Gemini are asked for, and what other servers' models must give. An index
   * takes 2,000. */
  EMBEDDING_DIMENSIONS: z.coerce.number().int().min(128).max(2_000).default(1_536),
}

type EmbeddingsConfig = ProvidersConfig & z.infer<z.ZodObject<typeof embeddingsConfig>>

/** The way to providers, and what they answered before. */
type Asking = Pick<Providers, 'calls' | 'cache'>

/** A model whose vectors there may be. */
export interface EmbeddingModel {
  provider: string
  model: string
  dimensions: number
}

/** What embeds now. Queries must be embedded by what embedded the passages: give all services the same variables. */
export function embeddingsFrom(config: EmbeddingsConfig, asking: Asking): Embeddings {
  const provider = chosen(config)
  const model =
    provider === 'openai'
      ? config.OPENAI_EMBEDDING_MODEL
      : provider === 'gemini'
        ? config.GEMINI_EMBEDDING_MODEL
        : ''
  return (
    remoteBy(config, asking, { provider, model, dimensions: config.EMBEDDING_DIMENSIONS }) ??
    lexicalEmbeddings()
  )
}

/**
 * What embedded what there is from before: any model of a provider that is still configured, and ours. Undefined where
 * it can't be asked any more.
 */
export function earlierEmbeddings(
  config: EmbeddingsConfig,
  asking: Asking,
  earlier: EmbeddingModel,
): Embeddings | undefined {
  const lexical = lexicalEmbeddings()
  if (earlier.provider === 'local') return earlier.model === lexical.model ? lexical : undefined
  return remoteBy(config, asking, earlier)
}

function remoteBy(
  config: EmbeddingsConfig,
  { calls, cache }: Asking,
  { provider, model, dimensions }: EmbeddingModel,
): Embeddings | undefined {
  if (provider !== 'openai' && provider !== 'gemini') return undefined
  if (!setupOf(config, provider)) return undefined
  const remote =
    provider === 'openai'
      ? openaiEmbeddings({ client: openaiClient(config), calls, model, dimensions })
      : geminiEmbeddings({ client: geminiClient(config), calls, model, dimensions })
  return withQueryCache(remote, cache)
}

/** Error: `provider-not-configured`, where a provider is named whose key is missing. */
function chosen(config: EmbeddingsConfig): 'openai' | 'gemini' | 'local' {
  const { EMBEDDINGS_PROVIDER: named } = config
  if (named === 'auto')
    return (['openai', 'gemini'] as const).find((each) => setupOf(config, each)) ?? 'local'
  if (named === 'local' || setupOf(config, named)) return named
  throw new FatalError(
    'provider-not-configured',
    `EMBEDDINGS_PROVIDER=${named} needs ${named === 'openai' ? 'OPENAI_API_KEY' : 'GEMINI_API_KEY'}`,
  )
}
