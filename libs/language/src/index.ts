export type { EmbeddingPurpose, Embeddings, EmbedOptions } from './embeddings.ts'
export { embeddingsConfig, embeddingsFrom } from './embeddings-from.ts'
export { lexicalEmbeddings } from './lexical-embeddings.ts'
