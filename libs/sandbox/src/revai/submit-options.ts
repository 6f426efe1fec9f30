import { z } from 'zod'

const Address = z.looseObject({
  url: z.url().max(2048),
  auth_headers: z.record(z.string(), z.string()).nullish(),
})

/** What may be said when a job is submitted. */
export const SubmitOptions = z.looseObject({
  source_config: Address.nullish(),
  media_url: z.url().max(2048).nullish(),
  notification_config: Address.nullish(),
  callback_url: z.url().max(1024).nullish(),
  metadata: z.string().max(512).nullish(),
  language: z.string().nullish(),
  delete_after_seconds: z.int().min(0).max(2_592_000).nullish(),
  skip_diarization: z.boolean().nullish(),
  skip_punctuation: z.boolean().nullish(),
  remove_disfluencies: z.boolean().nullish(),
  filter_profanity: z.boolean().nullish(),
  speaker_channels_count: z.int().min(1).max(8).nullish(),
  transcriber: z.enum(['machine', 'low_cost', 'fusion', 'human']).nullish(),
  custom_vocabularies: z
    .array(z.looseObject({ phrases: z.array(z.string()) }))
    .max(50)
    .nullish(),
})
export type SubmitOptions = z.infer<typeof SubmitOptions>
