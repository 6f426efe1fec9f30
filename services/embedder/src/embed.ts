import { EmbedJob } from '@app/contracts'
import { type Db, replaceEmbedding, transcriptOf } from '@app/db'
import { defineWorker } from '@app/jobs'
import type { Embeddings } from '@app/language'
import { FatalError } from '@app/runtime'
import { embedChunks } from './embed-chunks.ts'
import { planChunks } from './plan/plan-chunks.ts'

export interface EmbedDeps {
  db: Db
  embeddings: Embeddings
  /** Resolves once the model's index is there. Called before every job; it works once. */
  indexReady: () => Promise<void>
}

/** One chapter's transcript → passages with vectors. */
export const embed = defineWorker(EmbedJob, {
  async run(job, { db, embeddings, indexReady }: EmbedDeps, context) {
    const { chapterId } = job.input
    const transcript = await transcriptOf(db, chapterId)
    if (!transcript) throw new FatalError('transcript-not-found', `chapter ${chapterId} has no transcript`)
    await indexReady()

    const chunks = planChunks(transcript.segments, embeddings)
    const vectors = await embedChunks(chunks, embeddings, { job, context })
    await context.enter('storing')
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
