import { FatalError } from '@app/runtime'
import type { Embeddings, EmbedOptions } from './embeddings.ts'
import { type BatchLimits, planBatches } from './plan-batches.ts'

/** Calls of one job under way at once. */
const AT_ONCE = 2
/** As many decimals as matter: fewer bytes in Postgres, the same ranking. */
const DECIMALS = 1e7

interface RemoteModel {
  provider: string
  model: string
  dimensions: number
  limits: BatchLimits
  /** One batch, as the provider gives it. */
  embed: (texts: readonly string[], options: EmbedOptions) => Promise<readonly (readonly number[])[]>
}

/** What all remote embeddings have in common: batches, vectors of length 1, and none of another length than ours. */
export function remoteEmbeddings(remote: RemoteModel): Embeddings {
  const { provider, model, dimensions, limits } = remote
  return {
    ...{ provider, model, dimensions, mostTokens: limits.mostTokensEach },
    async embedTexts(texts, options) {
      options.signal.throwIfAborted()
      const vectors = texts.map(() => vectorOfNothing(dimensions))
      const rest = planBatches(texts, limits)
      const line = async () => {
        for (let batch = rest.shift(); batch; batch = rest.shift()) {
          const given = await remote.embed(
            batch.map(({ text }) => text),
            options,
          )
          refuseOdd(remote, given, batch.length)
          for (const [place, { index }] of batch.entries()) vectors[index] = unitLength(given[place] ?? [])
        }
      }
      const untilFailure = () =>
        line().catch((error) => {
          // What is not begun need not be paid for.
          rest.length = 0
          throw error
        })
      await Promise.all(Array.from({ length: AT_ONCE }, untilFailure))
      return vectors
    },
  }
}

/** A vector that the index does not take would be found out only by the insert, after all are paid for. */
function refuseOdd(
  { provider, model, dimensions }: RemoteModel,
  vectors: readonly (readonly number[])[],
  expected: number,
): void {
  if (vectors.length !== expected) {
    throw new Error(`${provider} ${model} gave ${vectors.length} vectors for ${expected} texts`)
  }
  const odd = vectors.find((vector) => vector.length !== dimensions)
  if (odd) {
    throw new FatalError(
      'embedding-dimensions',
      `${provider} ${model} gives vectors of ${odd.length} numbers, and is configured with ${dimensions}`,
    )
  }
  if (!vectors.every((vector) => vector.every(Number.isFinite))) {
    throw new Error(`${provider} ${model} gave a vector that is none`)
  }
}

/** Shortened vectors are not of length 1 at every provider. */
function unitLength(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  if (length === 0) return vectorOfNothing(vector.length)
  return vector.map((value) => Math.round((value / length) * DECIMALS) / DECIMALS)
}

/** One axis alone: as far from everything that a model gives as any vector is. */
const vectorOfNothing = (dimensions: number): number[] =>
  Array.from({ length: dimensions }, (_, place) => (place === 0 ? 1 : 0))
