export { aiOutputOf, replaceAiOutput } from './ai-outputs.ts'
export { connectDb, type Db, pingDb, type Trx } from './connect.ts'
export { ensureVectorIndex, replaceEmbedding, type VectorSpace } from './embeddings.ts'
export { mediaById, mediaOfChapter, type StoredMedia } from './media.ts'
export { migrateToLatest } from './migrate.ts'
export {
  deleteUnusedMedia,
  holdMedia,
  insertMedia,
  isMediaKnown,
  type NewMedia,
  objectsOf,
} from './new-media.ts'
export {
  type BegunCall,
  type BudgetState,
  beginProviderCall,
  budgetState,
  type EndedCall,
  endProviderCall,
  spentByKey,
} from './provider-calls.ts'
export { type KeptModelState, keepModelState, modelStates } from './provider-models.ts'
export { type ProviderState, providerStates } from './provider-states.ts'
export {
  callPutOff,
  liftStop,
  type ProviderStop,
  providerStops,
  putOffNames,
  type StopKey,
  stopName,
  stopProvider,
  takeProbe,
} from './provider-stops.ts'
export {
  providerUsage,
  setOwnerBudget,
  type UsageOf,
  type UsagePart,
  type UsageRow,
} from './provider-usage.ts'
export { namesOfChapter, type TextOf, titleOf, transcribedChapters } from './read-book.ts'
export type { Database, ProcessingJobs } from './schema.ts'
export { discardObjects, expireObjects, hurryObjects, keepObjects } from './storage-deletions.ts'
export { inTransaction, isConnectionError, sqlState } from './transaction.ts'
export {
  forgetParts,
  keepPart,
  type PartHead,
  type PartPlace,
  partHeads,
  partSegments,
} from './transcript-parts.ts'
export {
  replaceTranscript,
  replaceTranscriptFrom,
  type TranscriptHead,
  textSearchConfig,
  transcriptOf,
} from './transcripts.ts'
export { replaceTranslation, translationOf } from './translations.ts'
