import { z } from 'zod'

/** Milliseconds from the start of the recording (of the chapter, where it is a part of a file). */
const timeMs = z.int().nonnegative()

const endsLater = ({ startMs, endMs }: { startMs: number; endMs: number }): boolean => endMs >= startMs
const BACKWARDS = { error: 'ends before it starts', path: ['endMs'] }

export const Word = z.object({
  text: z.string(),
  startMs: timeMs,
  endMs: timeMs,
  /** 0 to 1, where the provider gives one. */
  confidence: z.number().min(0).max(1).optional(),
})
export type Word = z.infer<typeof Word>

/** Why a segment may be something nobody said: recognisers make text up over silence and noise, and run in circles. */
export const DOUBTS = ['repeated', 'compressible', 'improbable', 'over-silence'] as const
export type Doubt = (typeof DOUBTS)[number]

/** A stretch of speech between two pauses. Words lie inside it, in order; a segment has at least one. */
export const Segment = z.object({
  startMs: timeMs,
  endMs: timeMs,
  text: z.string(),
  words: z.array(Word.refine(endsLater, BACKWARDS)),
  speaker: z.string().optional(),
  /** 0 to 1, where the provider gives one for the segment and not for its words. */
  confidence: z.number().min(0).max(1).optional(),
  /** The words' times were spread over the segment's, for the provider gave none. */
  timesEstimated: z.boolean().optional(),
  /** Looks made up, by this sign, and did so again when it was recognised with other settings. */
  doubtful: z.enum(DOUBTS).optional(),
})
export type Segment = z.infer<typeof Segment>

/** What every speech-to-text provider answers, whatever its own shape. */
export const Transcript = z.object({
  /** BCP 47; what the user named wins over what was detected. */
  language: z.string(),
  /** 0 to 1, where the language was detected and the provider says how surely. */
  languageConfidence: z.number().min(0).max(1).optional(),
  provider: z.string(),
  model: z.string(),
  /** Of the sound that was read, from decoded samples. */
  durationMs: timeMs,
  segments: z.array(Segment.refine(endsLater, BACKWARDS)),
  /** The provider that was chosen and could not be asked, where another took its place. */
  insteadOf: z.string().optional(),
  /** What the provider charges for; absent where it charges nothing. */
  secondsBilled: z.number().nonnegative().optional(),
  /** An estimate from the provider's prices, in US dollars. */
  costUsd: z.number().nonnegative().optional(),
})
export type Transcript = z.infer<typeof Transcript>

/**
 * A stretch of a recording that is heard on its own. Its words are those between `startMs` and `endMs`; its sound may
 * reach over them, from `fromMs` to `toMs`, where it could not be cut at a pause. A millisecond is 16 samples, exactly.
 */
export const RecordingPart = z.object({ startMs: timeMs, endMs: timeMs, fromMs: timeMs, toMs: timeMs })
export type RecordingPart = z.infer<typeof RecordingPart>
