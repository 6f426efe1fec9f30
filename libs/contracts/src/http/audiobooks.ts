import { z } from 'zod'
import { LanguageTag } from '../language.ts'
import { SPEECH_PROVIDERS } from '../speech-providers.ts'
import { OverallStatus } from '../states.ts'
import { ErrorBody } from './errors.ts'
import { Page, PageQuery } from './paging.ts'

const title = z.string().trim().min(1).max(500)
const author = z.string().trim().min(1).max(500)
const description = z.string().max(20_000)

/** Title and author may be left out where the recording's own tags name them. */
export const CreateAudiobook = z.object({
  /** Any id Postgres would take: an unknown one is 404, not a broken body. */
  upload_id: z.guid(),
  title: title.optional(),
  author: author.optional(),
  description: description.optional(),
  language: LanguageTag.optional(),
  is_public: z.boolean().default(false),
  /** Who turns it into text. Without one, the provider that is configured; one that is not fails the jobs. */
  transcribe_provider: z.enum(SPEECH_PROVIDERS).optional(),
})
export type CreateAudiobook = z.infer<typeof CreateAudiobook>

export const CreateAudiobooks = z.array(z.unknown()).min(1).max(100)

export const AudiobookCreated = z.object({
  audiobook_id: z.uuid(),
  status: z.literal('processing'),
  message: z.string(),
  jobs_created: z.int(),
  total_jobs: z.int(),
})
export type AudiobookCreated = z.infer<typeof AudiobookCreated>

/** One result per element of the array, in its order. */
export const AudiobooksCreated = z.object({
  results: z.array(
    z.union([
      AudiobookCreated.extend({ index: z.int() }),
      z.object({ index: z.int(), error: ErrorBody.shape.error }),
    ]),
  ),
})
export type AudiobooksCreated = z.infer<typeof AudiobooksCreated>

export const UpdateAudiobook = z
  .object({
    title,
    author,
    description: description.nullable(),
    language: LanguageTag.nullable(),
    is_public: z.boolean(),
  })
  .partial()
  .refine((body) => Object.keys(body).length > 0, 'name at least one field to change')
export type UpdateAudiobook = z.infer<typeof UpdateAudiobook>

export const ListAudiobooks = PageQuery.extend({
  status: OverallStatus.optional(),
  search: z.string().max(200).optional(),
})

export const AudiobookBrief = z.object({
  id: z.uuid(),
  title: z.string(),
  author: z.string(),
  language: z.string().nullable(),
  is_public: z.boolean(),
  status: OverallStatus,
  chapter_count: z.int(),
  duration_ms: z.int(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
})
export type AudiobookBrief = z.infer<typeof AudiobookBrief>

export const AudiobookPage = Page.extend({ audiobooks: z.array(AudiobookBrief) })

const origin = { provider: z.string(), model: z.string() }

export const AudiobookDetail = AudiobookBrief.extend({
  description: z.string().nullable(),
  cover_url: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  chapters: z.array(
    z.object({
      id: z.uuid(),
      position: z.int(),
      title: z.string(),
      start_ms: z.int(),
      end_ms: z.int(),
      duration_ms: z.int(),
      /** Signed for one hour. The chapter lies between start_ms and end_ms of it. */
      media_url: z.string(),
      transcript_url: z.string().nullable(),
      transcript: z.object({ ...origin, language: z.string(), word_count: z.int() }).nullable(),
    }),
  ),
  summary: z.object({ text: z.string(), ...origin }).nullable(),
  tags: z.object({ tags: z.array(z.string()), ...origin }).nullable(),
})
export type AudiobookDetail = z.infer<typeof AudiobookDetail>
