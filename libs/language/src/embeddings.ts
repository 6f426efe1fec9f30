/** A passage that is searched, or the words it is searched by: some models embed the two differently. */
export type EmbeddingPurpose = 'document' | 'query'

export interface EmbedOptions {
  signal: AbortSignal
  purpose: EmbeddingPurpose
}

/**
 * Texts to vectors, one per text in the same order, all of length 1 and of `dimensions` numbers.
 * Vectors of different models mean different things: provider and model stand beside each one.
 * A text without any words gets a vector too, far from all others. Fails with the signal's reason when aborted.
 */
export interface Embeddings {
  readonly provider: string
  readonly model: string
  readonly dimensions: number
  embedTexts(texts: readonly string[], options: EmbedOptions): Promise<number[][]>
}
