import { tokensAbout } from '@app/contracts'
import type { ProviderCalls } from '@app/providers'
import type { GoogleGenAI } from '@google/genai'
import type { Embeddings } from './embeddings.ts'
import { remoteEmbeddings } from './remote-embeddings.ts'

const MOST_TEXTS = 100
const MOST_TOKENS = 200_000
/** Whoever searches gets what words alone find, sooner than nothing. */
const TIMEOUTS_MS = { document: 120_000, query: 10_000 }
const TASK_TYPES = { document: 'RETRIEVAL_DOCUMENT', query: 'RETRIEVAL_QUERY' } as const
/** The second generation is told its task in the text (https://ai.google.dev/gemini-api/docs/embeddings). */
const TOLD = { document: 'title: none | text: ', query: 'task: search result | query: ' } as const

interface GeminiEmbeddingsOptions {
  client: GoogleGenAI
  calls: ProviderCalls
  model: string
  dimensions: number
}

/** Gemini by batchEmbedContents. Each of its models has a space of its own. */
export function geminiEmbeddings({ client, calls, model, dimensions }: GeminiEmbeddingsOptions): Embeddings {
  const isFirst = model.startsWith('gemini-embedding-001')
  // The first generation cuts what is longer without a word.
  const limits = { mostTexts: MOST_TEXTS, mostTokens: MOST_TOKENS, mostTokensEach: isFirst ? 2_048 : 8_000 }
  return remoteEmbeddings({
    ...{ provider: 'gemini', model, dimensions, limits },
    async embed(texts, { signal, purpose, ...caller }) {
      const call = {
        ...{ ...caller, provider: 'gemini' as const, model, operation: `embed-${purpose}` },
        ...{ timeoutMs: TIMEOUTS_MS[purpose], isAwaited: purpose === 'query' },
      }
      return await calls.run({ ...call, signal }, async (signal) => {
        const told = isFirst ? '' : TOLD[purpose]
        const sent = texts.map((text) => told + text)
        const { embeddings = [], usageMetadata } = await client.models.embedContent({
          model,
          contents: sent.map(contentOf),
          config: {
            outputDimensionality: dimensions,
            ...(isFirst ? { taskType: TASK_TYPES[purpose] } : {}),
            abortSignal: signal,
          },
        })
        // Older models' answers count no tokens.
        const inputTokens = usageMetadata?.promptTokenCount ?? tokensAbout(sent.join(' '))
        return { value: embeddings.map(({ values }) => values ?? []), usage: { inputTokens } }
      })
    },
  })
}

/** One content each: of plain strings the SDK makes a single content with many parts, which gets a single vector. */
const contentOf = (text: string) => ({ role: 'user', parts: [{ text }] })
