export { type AudiobookToPlan, planAudiobook } from './audiobook.ts'
export {
  BOOK_KINDS,
  BOOK_TEXT,
  type BookText,
  type ChapterToEmbed,
  planEmbeddingAnew,
  planTextWork,
} from './book-text.ts'
export {
  CLIP,
  CLIP_KINDS,
  CLIP_TEXT,
  type ClipJob,
  type ClipToPlan,
  clipStatus,
  nextClipStatus,
  planClip,
} from './clip.ts'
export { clipFailure } from './clip-failure.ts'
export { DELIVERY, DELIVERY_FAILED, planDelivery } from './delivery.ts'
export { FLOWS } from './flows.ts'
export type { PlannedJob } from './planned-job.ts'
export { overallProgress, overallStatus } from './status.ts'
