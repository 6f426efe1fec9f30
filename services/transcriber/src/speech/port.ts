import type { Transcript } from '@app/contracts'

/** Sound ready to be recognised: a 16 kHz mono 16-bit PCM WAV on this machine's disk, in a directory of the caller's own. */
export interface Sound {
  path: string
  durationMs: number
}

export interface TranscribeOptions {
  /** BCP 47, where the user named one: it wins over what a provider detects. */
  language?: string | undefined
  /** Names that are likely to be spoken, the likeliest first: providers that take hints spell them so. */
  vocabulary?: readonly string[] | undefined
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
}

/** What a provider can do is declared, never assumed: models come and go, and word times with them. */
export interface SpeechCapabilities {
  wordTimes: boolean
  speakers: boolean
  /** Primary language subtags, e.g. `en`. */
  languages: readonly string[] | 'any'
  maxDurationMs?: number
  inputs: readonly SpeechInput[]
}

/** How sound reaches the provider: a file here, bytes in the request, or an address it fetches. */
export type SpeechInput = 'file' | 'bytes' | 'url'

/**
 * Speech to text. Times are milliseconds from the start of the sound, inside it and in order.
 * Fails with FatalError `language-not-supported` for a language the provider has no model for, with
 * FatalError `sound-unreadable` where the WAV is not one, and with the signal's reason when aborted.
 */
export interface SpeechToText {
  readonly provider: string
  readonly model: string
  readonly capabilities: SpeechCapabilities
  transcribe(sound: Sound, options: TranscribeOptions): Promise<Transcript>
  /**
   * For providers that work while nobody waits: what came of the sound that an earlier run of the job has sent. It is
   * asked for before `transcribe`, so that looking for a result decodes no sound. Undefined where none was sent.
   */
  resume?(options: TranscribeOptions): Promise<Transcript | undefined>
}
