import { z } from 'zod'
import { ClipErrorCode } from '../clip-failures.ts'
import { Category, LanguageTag, Sentiment } from '../language.ts'
import { ClipStatus } from '../states.ts'
import { ErrorBody } from './errors.ts'
import { Moment } from './moments.ts'
import { Page, PageQuery } from './paging.ts'

/** As much as people give a thing to find it again by, and no store of theirs. */
const METADATA_BYTES = 4_096
/** Beyond any use, and far from where `JSON.stringify` runs out of stack. */
const METADATA_DEPTH = 32
const MOST_URLS = 1_000

/** NUL and halves of surrogate pairs, as JSON writes them: no database keeps them in JSON. */
const UNSTORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/i

/** Level by level: a body of a megabyte may be nested half a million deep. */
function isShallow(value: unknown): boolean {
  let level = [value]
  for (let depth = 0; depth <= METADATA_DEPTH && level.length > 0; depth += 1) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []))
  }
  return level.length === 0
}

const bytesOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length

/** What holds for a clip besides its address. */
const ClipOptions = z.object({
  /** Spoken in it; without one it is detected, where the recogniser can. */
  language: LanguageTag.optional(),
  /** Is told of the job's end, signed by Standard Webhooks. */
  callback_url: z.string().max(2_048).optional(),
  /** Comes back in answers and messages. */
  metadata: z
    .record(z.string(), z.unknown())
    .refine(isShallow, { error: `nested more than ${METADATA_DEPTH} deep`, abort: true })
    .refine((metadata) => bytesOf(metadata) <= METADATA_BYTES, `at most ${METADATA_BYTES} bytes of JSON`)
    .refine(
      (metadata) => !UNSTORABLE.test(JSON.stringify(metadata)),
      'holds a character that can not be stored',
    )
    .optional(),
  /** Fetch it again, though the same video was fetched a while ago. */
  force: z.boolean().optional(),
  /** Store the whole video beside its sound. */
  keep_video: z.boolean().optional(),
})

/**
 * Bounds the body only: what an address may be (8,192 characters at most) is checked with the rest of it,
 * `url_forbidden`.
 */
const url = z.string().max(16_384)

export const CreateClip = ClipOptions.extend({ url })
export type CreateClip = z.infer<typeof CreateClip>

/** Each a URL, or one with options of its own; those beside them hold for all that don't say otherwise. */
export const CreateClips = ClipOptions.extend({ urls: z.array(z.unknown()).min(1).max(MOST_URLS) })
export type CreateClips = z.infer<typeof CreateClips>

export const ClipCreated = z.object({
  job_id: z.uuid(),
  /** Of the job that downloads it. */
  rq_job_id: z.uuid(),
  status: z.literal('pending'),
  url: z.string(),
})
export type ClipCreated = z.infer<typeof ClipCreated>

/** One result per line, in their order. */
export const ClipsCreated = z.object({
  accepted: z.int(),
  refused: z.int(),
  results: z.array(
    z.union([
      ClipCreated.extend({ index: z.int() }),
      z.object({ index: z.int(), url: z.string().nullable(), error: ErrorBody.shape.error }),
    ]),
  ),
})
export type ClipsCreated = z.infer<typeof ClipsCreated>

export const ClipJobStatus = z.object({
  job_id: z.uuid(),
  status: ClipStatus,
  url: z.string(),
  platform: z.string(),
  error_message: z.string().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})
export type ClipJobStatus = z.infer<typeof ClipJobStatus>

/** Seconds from the start of the sound. */
const seconds = z.number().nonnegative()

export const ClipTranscript = z.object({
  text: z.string(),
  language: z.string(),
  timestamps: z.array(
    z.object({
      start: seconds,
      end: seconds,
      text: z.string(),
      speaker: z.string().optional(),
      words: z.array(z.object({ start: seconds, end: seconds, word: z.string() })),
    }),
  ),
})
export type ClipTranscript = z.infer<typeof ClipTranscript>

/** What there is of a clip so far; what is still to come is null. */
export const ClipContent = z.object({
  /** Signed for one hour. */
  audio_url: z.string().nullable(),
  /** Public. */
  thumbnail_url: z.string().nullable(),
  /** Where `keep_video` asked for it; signed for one hour. */
  video_url: z.string().optional(),
  /** In seconds. */
  duration: z.number().nullable(),
  /** Of the sound. */
  size_bytes: z.int().nullable(),
  transcript: ClipTranscript.nullable(),
  analysis: z
    .object({
      summary: z.string(),
      topics: z.array(z.string()),
      sentiment: Sentiment.nullable(),
      category: Category.nullable(),
    })
    .nullable(),
  embedding: z
    .object({
      /** The job's id and the model: a clip may have vectors of several. */
      id: z.string(),
      metadata: z.object({
        model: z.string(),
        provider: z.string(),
        dimensions: z.int(),
        chunk_count: z.int(),
      }),
    })
    .nullable(),
})
export type ClipContent = z.infer<typeof ClipContent>

export const ClipResult = z.object({
  job_id: z.uuid(),
  status: ClipStatus,
  result: ClipContent,
  error_message: z.string().nullable(),
})
export type ClipResult = z.infer<typeof ClipResult>

/** The same at SaveIt's path, which has one for status and result. */
export const SaveItJob = ClipJobStatus.extend({ result: ClipContent })
export type SaveItJob = z.infer<typeof SaveItJob>

export const ListClips = PageQuery.extend({
  status: ClipStatus.optional(),
  platform: z.string().max(50).optional(),
  /** As it was given, or the canonical one. */
  url: z.string().max(16_384).optional(),
  created_from: Moment.optional(),
  /** Not included. */
  created_to: Moment.optional(),
  /** Jobs whose metadata have this key; with `metadata_value`, those that have this text there. */
  metadata_key: z.string().min(1).max(200).optional(),
  metadata_value: z.string().max(1_000).optional(),
})
export type ListClips = z.infer<typeof ListClips>

export const ClipView = ClipJobStatus.extend({
  error_code: ClipErrorCode,
  canonical_url: z.string().nullable(),
  title: z.string().nullable(),
  author: z.string().nullable(),
  /** How often it was begun: a retry of what had ended counts. */
  attempt: z.int(),
  metadata: z.record(z.string(), z.unknown()),
})
export type ClipView = z.infer<typeof ClipView>

export const ClipPage = Page.extend({ jobs: z.array(ClipView) })

/** What the events `snapshot` and `changed` of a job carry: all of it each time. */
export const ClipEvent = z.object({
  job_id: z.uuid(),
  status: ClipStatus,
  attempt: z.int(),
  /** Σ of the four jobs' progress / 4, 0 to 1. */
  progress: z.number(),
  error_code: ClipErrorCode,
  error_message: z.string().nullable(),
  /** What this attempt has reached, in order: also what passed too fast to be told by itself. */
  stages: z.array(z.object({ stage: ClipStatus, at: z.iso.datetime() })),
})
export type ClipEvent = z.infer<typeof ClipEvent>
