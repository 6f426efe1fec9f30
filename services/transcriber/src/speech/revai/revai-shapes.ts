import { z } from 'zod'

/** What is read of Rev.ai's answers; whatever else is in them is let be. */
export const RevAiJob = z.object({
  id: z.string().min(1),
  status: z.string(),
  created_on: z.string(),
  metadata: z.string().nullish(),
  failure: z.string().nullish(),
  failure_detail: z.string().nullish(),
  duration_seconds: z.number().nullish(),
  language: z.string().nullish(),
})
export type RevAiJob = z.infer<typeof RevAiJob>

const RevAiElement = z.object({
  type: z.string(),
  value: z.string(),
  ts: z.number().nullish(),
  end_ts: z.number().nullish(),
  confidence: z.number().nullish(),
})

export const RevAiTranscript = z.object({
  monologues: z.array(
    z.object({ speaker: z.union([z.number(), z.string()]).nullish(), elements: z.array(RevAiElement) }),
  ),
})
export type RevAiTranscript = z.infer<typeof RevAiTranscript>

export const RevAiAccount = z.object({ balance_seconds: z.number() })
