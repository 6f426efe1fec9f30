import type { ProviderCalls } from '@app/providers'
import type OpenAI from 'openai'
import type { Embeddings } from './embeddings.ts'
import { remoteEmbeddings } from './remote-embeddings.ts'

/** A request's (https://platform.openai.com/docs/api-reference/embeddings); ours are counted as at most. */
const LIMITS = { mostTexts: 2_048, mostTokens: 300_000, mostTokensEach: 8_192 }
/** Whoever searches gets what words alone find, sooner than nothing. */
const TIMEOUTS_MS = { document: 120_000, query: 10_000 }

interface OpenaiEmbeddingsOptions {
  client: OpenAI
  calls: ProviderCalls
  model: string
  dimensions: number
}

/** OpenAI, and whatever speaks its API. Only OpenAI's third generation can be asked for a length of vectors. */
export function openaiEmbeddings({ client, calls, model, dimensions }: OpenaiEmbeddingsOptions): Embeddings {
  const length = model.startsWith('text-embedding-3') ? { dimensions } : {}
  return remoteEmbeddings({
    ...{ provider: 'openai', model, dimensions, limits: LIMITS },
    async embed(texts, { signal, purpose, ...caller }) {
      const call = {
        ...{ ...caller, provider: 'openai' as const, model, operation: `embed-${purpose}` },
        ...{ timeoutMs: TIMEOUTS_MS[purpose], isAwaited: purpose === 'query' },
      }
      return await calls.run({ ...call, signal }, async (signal) => {
        // Said: unasked, the SDK asks for base64, which not every compatible server knows.
        const body = { model, input: [...texts], encoding_format: 'float' as const, ...length }
        const { data, response } = await client.embeddings.create(body, { signal }).withResponse()
        return {
          value: data.data.toSorted((a, b) => a.index - b.index).map(({ embedding }) => embedding),
          usage: { inputTokens: data.usage?.prompt_tokens },
          headers: response.headers,
        }
      })
    },
  })
}
