import type { ProviderCall } from '@app/providers'

/** A passage that is searched, or the words it is searched by: some models embed the two differently. */
export type EmbeddingPurpose = 'document' | 'query'

/** For whom it is done, and whose limits it draws from; without limits it draws from none, because somebody waits. */
export interface EmbedOptions extends Pick<ProviderCall, 'jobId' | 'ownerId' | 'limits'> {
  signal: AbortSignal
  purpose: EmbeddingPurpose
}

/**
 * Texts to vectors, one per text in the same order, all of length 1 and of `dimensions` numbers.
 * Vectors of different models mean different things: provider and model stand beside each one.
 * A text without any words gets a vector too, far from all others. Fails with the signal's reason when aborted, else as
 * `ProviderCalls` does, or with `embedding-dimensions` where the model gives vectors of another length.
 */
export interface Embeddings {
  readonly provider: string
  readonly model: string
  readonly dimensions: number
  /** Of one text, as `tokensAtMost` counts; what is beyond them is not read. Undefined where there is no limit. */
  readonly mostTokens?: number | undefined
  embedTexts(texts: readonly string[], options: EmbedOptions): Promise<number[][]>
}
