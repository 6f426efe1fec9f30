import { createHash } from 'node:crypto'
import type { Job, RunContext } from '@app/jobs'
import type { Embeddings } from '@app/language'
import type { Chunk } from './plan/plan-chunks.ts'

/** Vectors a step: as base64, 24 of 2,000 numbers are what one may hold at most (256 KB). */
const BATCH = 24
const DECIMALS = 1e7

/** The chunks' vectors in their order. Each batch is kept, so that a retry pays for none again. */
export async function embedChunks(
  chunks: readonly Chunk[],
  embeddings: Embeddings,
  { job, context }: { job: Pick<Job<unknown>, 'id' | 'ownerId'>; context: RunContext },
): Promise<number[][]> {
  const { signal, step, report, limits } = context
  const options = { signal, limits, jobId: job.id, ownerId: job.ownerId, purpose: 'document' as const }
  const vectors: number[][] = []
  while (vectors.length < chunks.length) {
    const texts = chunks.slice(vectors.length, vectors.length + BATCH).map((chunk) => chunk.text)
    const embed = () => embeddings.embedTexts(texts, options)
    // What costs nothing is done again sooner than kept.
    const batch =
      embeddings.provider === 'local' ? await embed() : await keptVectors(texts, embeddings, embed)
    vectors.push(...batch)
    report(vectors.length / chunks.length, 'generating_embeddings')
  }
  return vectors

  async function keptVectors(
    texts: readonly string[],
    { model }: Embeddings,
    embed: () => Promise<number[][]>,
  ) {
    // By what they are of: the transcript may have changed since the run before.
    const hash = createHash('sha256')
      .update(JSON.stringify([model, texts]))
      .digest('hex')
      .slice(0, 32)
    const kept = await step(`embed ${hash}`, async () => (await embed()).map(packed))
    return kept.map(unpacked)
  }
}

const packed = (vector: readonly number[]): string =>
  Buffer.from(Float32Array.from(vector).buffer).toString('base64')

function unpacked(text: string): number[] {
  const bytes = Buffer.from(text, 'base64')
  const numbers = Array.from({ length: bytes.length / 4 }, (_, place) => bytes.readFloatLE(place * 4))
  return numbers.map((value) => Math.round(value * DECIMALS) / DECIMALS)
}
