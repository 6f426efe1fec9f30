import type { Segment, Transcript } from '@app/contracts'
import type { CallLimits } from '@app/providers'
import type { SoundFormat } from '../plan/plan-sound-format.ts'
import type { Span } from '../plan/plan-speech-spans.ts'

/** Sound ready to be recognised: a file on this machine's disk, in a directory of the caller's own. */
export interface Sound {
  path: string
  format: SoundFormat
  bytes: number
  /** From the number of samples. */
  durationMs: number
  /** Where it is loud enough for speech: in order, apart. What lies between is silence. */
  spans: readonly Span[]
  /** What it was cut from: all of the stored recording where neither time is given. */
  recording?: { objectKey: string; startMs?: number | undefined; endMs?: number | undefined }
}

export interface TranscribeOptions {
  /** BCP 47, where the user named one: it wins over what a provider detects. */
  language?: string | undefined
  /** Names that are likely to be spoken, the likeliest first: providers that take hints spell them so. */
  vocabulary?: readonly string[] | undefined
  /** Some of what was heard in this sound looked made up: hear it once more, with the provider's other settings. */
  again?: boolean
  job: SpeechJob
  signal: AbortSignal
  /** From 0 to 1, never backwards. */
  onProgress: (progress: number) => void
}

/** For whom the sound is transcribed: what a provider is paid for is noted there, and must survive a kill. */
export interface SpeechJob {
  id: string
  ownerId: string
  /** A checkpoint of the job, as `RunContext.step` is one: `work` is done once, and later runs get its value. */
  step: <Value>(key: string, work: () => Value | Promise<Value>) => Promise<Value>
  /** The run's, for what all processes together must not exceed at a provider. */
  limits?: CallLimits | undefined
}

/** What a provider can do is declared, never assumed: models come and go, and word times with them. */
export interface SpeechCapabilities {
  wordTimes: boolean
  speakers: boolean
  /** Primary language subtags, e.g. `en`. */
  languages: readonly string[] | 'any'
  inputs: readonly SpeechInput[]
  /** What it reads, what it is best given first. */
  formats: readonly SoundFormat[]
  /** Longer sound is refused, larger files are too: no part is ever made that comes near. */
  maxDurationMs?: number
  maxBytes?: number
  /** Recordings go to it whole up to `maxDurationMs`, however long parts are elsewhere. */
  wholeRecordings?: boolean
  /** It takes no hints: which names are likely to be spoken changes nothing of what it hears. */
  ignoresVocabulary?: boolean
  /** It has other settings for `again`; without them nothing is gained by asking twice. */
  otherSettings?: boolean
}

/** How sound reaches the provider: a file here, bytes in the request, or an address it fetches. */
export type SpeechInput = 'file' | 'bytes' | 'url'

/** A segment with what else a provider says of its own certainty; none of it is stored. */
export interface HeardSegment extends Segment {
  /** Mean of the tokens' logarithmic probabilities, as Whisper gives it. */
  averageLogProbability?: number
  /** 0 to 1. */
  noSpeechProbability?: number
}

export interface Heard extends Omit<Transcript, 'segments'> {
  segments: HeardSegment[]
}

/**
 * Speech to text. Times are milliseconds from the start of the sound, inside it and in order, of whole words: what a
 * provider gives goes through `planHeard`, which sees to that.
 * Fails with FatalError `language-not-supported` for a language the provider has no model for, with
 * FatalError `sound-unreadable` where the file is none that it reads, and with the signal's reason when aborted.
 */
export interface SpeechToText {
  readonly provider: string
  readonly model: string
  readonly capabilities: SpeechCapabilities
  transcribe(sound: Sound, options: TranscribeOptions): Promise<Heard>
  /**
   * For providers that work while nobody waits: what came of the sound that an earlier run of the job has sent. It is
   * asked for before `transcribe`, so that looking for a result decodes no sound. Undefined where none was sent.
   */
  resume?(options: TranscribeOptions): Promise<Heard | undefined>
}
