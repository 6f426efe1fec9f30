import { EmbedJob } from '@app/contracts'
import { type Db, replaceEmbedding, transcriptOf } from '@app/db'
import { defineWorker } from '@app/jobs'
import type { Embeddings } from '@app/language'
import { FatalError } from '@app/runtime'
import { planChunks } from './plan/plan-chunks.ts'

export interface EmbedDeps {
  db: Db
  embeddings: Embeddings
  /** Resolves once the model's index is there. Called before every job; it works once. */
  indexReady: () => Promise<void>
}

/** Texts a call: providers take at most some hundreds, and progress should be seen to move. */
const BATCH = 64

/** One chapter's transcript → passages with vectors. */
export const embed = defineWorker(EmbedJob, {
  async run({ input }, { db, embeddings, indexReady }: EmbedDeps, { signal, report }) {
    const transcript = await transcriptOf(db, input.chapterId)
    if (!transcript)
      throw new FatalError('transcript-not-found', `chapter ${input.chapterId} has no transcript`)
    await indexReady()

    const chunks = planChunks(transcript.segments)
    const vectors: number[][] = []
    while (vectors.length < chunks.length) {
      const texts = chunks.slice(vectors.length, vectors.length + BATCH).map((chunk) => chunk.text)
      vectors.push(...(await embeddings.embedTexts(texts, { signal, purpose: 'document' })))
      report(vectors.length / chunks.length, 'generating_embeddings')
    }
    const { provider, model, dimensions } = embeddings
    return {
      provider,
      model,
      dimensions,
      chunks: chunks.map((chunk, index) => ({ ...chunk, index, vector: vectors[index] ?? [] })),
    }
  },

  async save(trx, { input }, embedding) {
    await replaceEmbedding(trx, input.chapterId, embedding)
    const { provider, model, dimensions, chunks } = embedding
    return { chunkCount: chunks.length, provider, model, dimensions }
  },
})
