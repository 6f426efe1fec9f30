import type { Usage } from '@app/providers'
import { z } from 'zod'

/** What is read of a transcription, `json` and `verbose_json` both: compatible servers leave out what they like. */
export const OpenAiAnswer = z.object({
  text: z.string(),
  /** In English, of `verbose_json`. */
  language: z.string().nullish(),
  languages: z.array(z.object({ code: z.string() })).nullish(),
  segments: z
    .array(
      z.object({
        start: z.number(),
        end: z.number(),
        text: z.string(),
        avg_logprob: z.number().optional().catch(undefined),
        no_speech_prob: z.number().optional().catch(undefined),
      }),
    )
    .nullish(),
  words: z.array(z.object({ word: z.string(), start: z.number(), end: z.number() })).nullish(),
  usage: z
    .object({
      seconds: z.number().optional(),
      input_tokens: z.number().optional(),
      output_tokens: z.number().optional(),
    })
    .nullish()
    .catch(undefined),
})
export type OpenAiAnswer = z.infer<typeof OpenAiAnswer>

/** By seconds or by tokens, as the model is billed; a server that says nothing has done the sound's seconds. */
export function usageOf({ usage }: OpenAiAnswer, durationMs: number): Usage {
  if (usage?.input_tokens !== undefined) {
    return {
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens ?? 0,
      seconds: Math.ceil(durationMs / 1000),
    }
  }
  return { seconds: usage?.seconds ?? Math.ceil(durationMs / 1000) }
}
