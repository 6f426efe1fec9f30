import { z } from 'zod'
import { defineJob } from './define-job.ts'
import { Analysis, Description, Embedding, LanguageTag, Summary, Tags, Translation } from './language.ts'
import { SPEECH_PROVIDERS } from './speech-providers.ts'
import { RecordingPart, Transcript } from './transcript.ts'

/** What a clip's URL led to, as far as its platform says it. */
export const ClipSource = z.object({
  /** One form for all URLs of the same video. */
  canonicalUrl: z.url(),
  externalId: z.string().optional(),
  title: z.string().optional(),
  author: z.string().optional(),
  /** A few fields that are worth keeping: description, counts, when it was published. */
  info: z.record(z.string(), z.unknown()).optional(),
})
export type ClipSource = z.infer<typeof ClipSource>

/** A stored, probed recording that no row refers to yet. */
export const StoredRecording = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  objectKey: z.string(),
  coverKey: z.string().optional(),
  /** The whole video, where it was asked for. */
  videoKey: z.string().optional(),
  sizeBytes: z.int().positive(),
  durationMs: z.int().positive(),
  inspection: z.record(z.string(), z.unknown()),
})
export type StoredRecording = z.infer<typeof StoredRecording>

/**
 * Fetches what a URL leads to: its sound, a picture, and what is known of it. `media` is what was stored now; `mediaId`
 * what was there already, fetched for another clip. `platform` is known better now than from a short link.
 */
export const DownloadJob = defineJob('download', {
  queue: 'download',
  input: z.object({
    clipId: z.uuid(),
    url: z.url(),
    force: z.boolean().optional(),
    keepVideo: z.boolean().optional(),
  }),
  result: z.union([
    z.object({ source: ClipSource, platform: z.string().optional(), media: StoredRecording }),
    z.object({ source: ClipSource, platform: z.string().optional(), mediaId: z.uuid() }),
  ]),
  output: z.object({ mediaId: z.uuid(), reused: z.boolean(), sizeBytes: z.int(), durationMs: z.int() }),
  // A clip is short: whoever takes an hour for one hangs.
  timeoutMs: 60 * 60_000,
})

/** Sends one message to a webhook; its row says what is sent and what became of it. */
export const DeliverJob = defineJob('deliver', {
  queue: 'deliver',
  input: z.object({ deliveryId: z.uuid() }),
  result: z.object({
    /** `nothing`: it had been delivered already, or its webhook was removed. */
    ended: z.enum(['delivered', 'failed', 'nothing']),
    /** Whether this run asked the receiver, and what it answered. */
    tried: z.boolean(),
    status: z.int().optional(),
    /** Why it failed. */
    error: z.string().optional(),
    /** The receiver wants nothing more, ever: 410. */
    gone: z.boolean().optional(),
  }),
  output: z.object({ delivered: z.boolean(), attempts: z.int() }),
  // A replay and the redrive of a dead letter may want the same message sent.
  unique: ({ deliveryId }) => deliveryId,
  // The schedule of Standard Webhooks ends after three and a half days, and Retry-After may stretch it.
  mostSnoozeAgeMs: 7 * 24 * 60 * 60_000,
  timeoutMs: 60_000,
})

/** What a chapter's transcript came to. */
const StoredTranscript = z.object({
  transcriptId: z.uuid(),
  segmentCount: z.int(),
  wordCount: z.int(),
  provider: z.string(),
  model: z.string(),
  /** The provider that was chosen and could not be asked. */
  insteadOf: z.string().optional(),
})

/**
 * Turns one chapter's sound into words with times. `startMs`/`endMs` cut it out of a file with several. What is longer
 * than a part becomes `parts`, without a segment: they are heard by jobs of their own, and joined by a stitch.
 */
export const TranscribeJob = defineJob('transcribe', {
  queue: 'transcribe',
  input: z.object({
    chapterId: z.uuid(),
    /** Without one, the chapter's own: a clip's is not known before it is downloaded. */
    mediaId: z.uuid().optional(),
    startMs: z.int().nonnegative().optional(),
    endMs: z.int().positive().optional(),
    language: z.string().optional(),
    /** Who is to do it; without one, the provider that is configured. */
    provider: z.enum(SPEECH_PROVIDERS).optional(),
  }),
  result: Transcript.extend({ parts: z.array(RecordingPart).min(2).optional() }),
  output: z.union([
    StoredTranscript,
    z.object({ partCount: z.int(), provider: z.string(), model: z.string() }),
  ]),
})

/** Turns one part of a chapter's sound into words; times count from the part's own start. */
export const TranscribePartJob = defineJob('transcribe-part', {
  queue: 'transcribe',
  input: TranscribeJob.input.extend({
    transcribeId: z.uuid(),
    index: z.int().nonnegative(),
    part: RecordingPart,
  }),
  result: Transcript,
  output: z.object({
    wordCount: z.int(),
    provider: z.string(),
    model: z.string(),
    insteadOf: z.string().optional(),
  }),
})

/** Joins the parts of a chapter to its transcript. */
export const StitchJob = defineJob('stitch', {
  queue: 'transcribe',
  input: z.object({
    transcribeId: z.uuid(),
    chapterId: z.uuid(),
    partCount: z.int().positive(),
    durationMs: z.int().positive(),
    language: z.string().optional(),
  }),
  result: z.object({}),
  output: StoredTranscript,
})

/** Makes one chapter's transcript searchable by meaning. */
export const EmbedJob = defineJob('embed', {
  queue: 'embed',
  input: z.object({ chapterId: z.uuid() }),
  result: Embedding,
  output: z.object({ chunkCount: z.int(), provider: z.string(), model: z.string(), dimensions: z.int() }),
})

/** Summarises a book from its first chapter. */
export const SummarizeJob = defineJob('summarize', {
  queue: 'summarize',
  input: z.object({ audiobookId: z.uuid(), chapterId: z.uuid() }),
  result: Summary,
  output: z.object({ aiOutputId: z.uuid(), provider: z.string(), model: z.string() }),
})

/** Names what a book is about, from its first chapter. */
export const TagJob = defineJob('tag', {
  queue: 'tag',
  input: z.object({ audiobookId: z.uuid(), chapterId: z.uuid() }),
  result: Tags,
  output: z.object({ aiOutputId: z.uuid(), provider: z.string(), model: z.string() }),
})

/** A chapter's text, or all of a book's that is there. A chapter without a book is a clip's. */
const text = z
  .object({ audiobookId: z.uuid().optional(), chapterId: z.uuid().optional() })
  .refine(({ audiobookId, chapterId }) => audiobookId ?? chapterId, 'a book or a chapter must be named')
const sameText = ({ audiobookId, chapterId }: z.output<typeof text>): string => chapterId ?? audiobookId ?? ''

/** Says what a text is: its summary, topics, sentiment and category. */
export const AnalyzeJob = defineJob('analyze', {
  queue: 'analyze',
  input: text,
  result: Analysis,
  output: z.object({ aiOutputId: z.uuid(), provider: z.string(), model: z.string() }),
  unique: sameText,
})

/** Writes what a recording is published with: title, description, tags and show notes. */
export const DescribeJob = defineJob('describe', {
  queue: 'describe',
  input: text,
  result: Description,
  output: z.object({ aiOutputId: z.uuid(), provider: z.string(), model: z.string() }),
  unique: sameText,
})

/** Puts a chapter's transcript into another language, segment by segment. */
export const TranslateJob = defineJob('translate', {
  queue: 'translate',
  input: z.object({ audiobookId: z.uuid(), chapterId: z.uuid(), language: LanguageTag }),
  result: Translation,
  output: z.object({
    translationId: z.uuid(),
    segmentCount: z.int(),
    provider: z.string(),
    model: z.string(),
  }),
  unique: ({ chapterId, language }) => `${chapterId} ${language.toLowerCase()}`,
})

/** Every job type there is. A worker for each is checked by `npm run check`. */
export const JOBS = [
  DownloadJob,
  TranscribeJob,
  TranscribePartJob,
  StitchJob,
  EmbedJob,
  SummarizeJob,
  TagJob,
  AnalyzeJob,
  DescribeJob,
  TranslateJob,
  DeliverJob,
] as const
export type JobType = (typeof JOBS)[number]['name']

export function jobDefinition(name: string): (typeof JOBS)[number] | undefined {
  return JOBS.find((job) => job.name === name)
}
