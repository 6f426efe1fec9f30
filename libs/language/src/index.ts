export type { EmbeddingPurpose, Embeddings, EmbedOptions } from './embeddings.ts'
export {
  type EmbeddingModel,
  earlierEmbeddings,
  embeddingsConfig,
  embeddingsFrom,
} from './embeddings-from.ts'
export { lexicalEmbeddings } from './lexical-embeddings.ts'
