import type { Segment, Summary, Tags } from '@app/contracts'

/** A transcript to be read, with what is known of the work it belongs to. */
export interface Reading {
  title: string
  author?: string | undefined
  /** BCP 47, of the transcript. */
  language?: string | undefined
  /** In order. A text without times is one segment. */
  segments: readonly Pick<Segment, 'text' | 'startMs' | 'endMs'>[]
}

export interface LanguageOptions {
  signal: AbortSignal
}

/**
 * Reads transcripts: what is said in them, and what they are about. Both answers carry provider and model.
 * A transcript without words is answered honestly, not with an invention. Fails with the signal's reason
 * when aborted.
 */
export interface LanguageModel {
  readonly provider: string
  readonly model: string
  summarize(reading: Reading, options: LanguageOptions): Promise<Summary>
  /** Three to ten lower-case tags, the best first; fewer only where little is said. */
  tag(reading: Reading, options: LanguageOptions): Promise<Tags>
}
