import { z } from 'zod'

/** Milliseconds from the start of the recording (of the chapter, where it is a part of a file). */
const timeMs = z.int().nonnegative()

export const Word = z.object({
  text: z.string(),
  startMs: timeMs,
  endMs: timeMs,
  /** 0 to 1, where the provider gives one. */
  confidence: z.number().min(0).max(1).optional(),
})
export type Word = z.infer<typeof Word>

/** A stretch of speech between two pauses. Words lie inside it, in order; a segment has at least one. */
export const Segment = z.object({
  startMs: timeMs,
  endMs: timeMs,
  text: z.string(),
  words: z.array(Word),
  speaker: z.string().optional(),
})
export type Segment = z.infer<typeof Segment>

/** What every speech-to-text provider answers, whatever its own shape. */
export const Transcript = z.object({
  /** BCP 47; what the user named wins over what was detected. */
  language: z.string(),
  provider: z.string(),
  model: z.string(),
  /** Of the sound that was read, from decoded samples. */
  durationMs: timeMs,
  segments: z.array(Segment),
})
export type Transcript = z.infer<typeof Transcript>
