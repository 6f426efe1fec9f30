import type { Analysis, Description, Segment, Summary, Tags, Translation } from '@app/contracts'
import type { ProviderCall } from '@app/providers'

/** A transcript to be read, with what is known of the work it belongs to. */
export interface Reading {
  title: string
  author?: string | undefined
  /** BCP 47, of the transcript. */
  language?: string | undefined
  /** In order. A text without times is one segment. */
  segments: readonly Pick<Segment, 'text' | 'startMs' | 'endMs' | 'speaker'>[]
}

/** Whose the work is, for the record of what it costs and the limits it draws from. */
export type Caller = Pick<ProviderCall, 'jobId' | 'ownerId' | 'limits'>

export interface LanguageOptions extends Caller {
  signal: AbortSignal
  /** As a run's `step`: what it has kept is not asked for again. Default: nothing is kept. */
  step?: (<Value>(key: string, work: () => Promise<Value>) => Promise<Value>) | undefined
  /** From 0 to 1. */
  report?: ((progress: number) => void) | undefined
}

/**
 * Reads transcripts: what is said in them, what they are about, how they are published, and the same in another
 * language. All answers carry provider, model and, where there is one, the prompt's version.
 *
 * A transcript without words is answered honestly, not with an invention; what is said in one is never an instruction.
 * Errors: `content-refused`, `answer-cut-off`, `answer-malformed` and `translation-not-available`, all final, what
 * `ProviderCalls` throws, and the signal's reason when aborted.
 */
export interface LanguageModel {
  readonly provider: string
  readonly model: string
  summarize(reading: Reading, options: LanguageOptions): Promise<Summary>
  /** Three to ten lower-case tags, the best first; fewer only where little is said. */
  tag(reading: Reading, options: LanguageOptions): Promise<Tags>
  analyze(reading: Reading, options: LanguageOptions): Promise<Analysis>
  /** Show notes in order of time, each at the start of a segment. */
  describe(reading: Reading, options: LanguageOptions): Promise<Description>
  /** `into` is BCP 47. One segment for each of the reading's, with its times; one without words stays without. */
  translate(reading: Reading & { into: string }, options: LanguageOptions): Promise<Translation>
}
