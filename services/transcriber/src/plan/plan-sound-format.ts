/** How sound is written. `wav`: 16 kHz mono 16-bit PCM; `flac`: the same samples, about half the size; `opus`: Ogg Opus at 24 kbit/s. */
export type SoundFormat = 'wav' | 'flac' | 'opus'

/** What a provider takes, best first, and how much of it. */
export interface SoundLimits {
  formats: readonly SoundFormat[]
  maxBytes?: number | undefined
  maxDurationMs?: number | undefined
}

/**
 * Most bytes a second in each format: FLAC of noise is no smaller than its samples; Opus varies about its rate by less than
 * a quarter over a minute, and noise takes 7/8 of it.
 */
const MOST_BYTES_PER_SECOND: Readonly<Record<SoundFormat, number>> = {
  wav: 32_000,
  flac: 33_000,
  opus: 3_750,
}
/** Headers, and the fields around a file in a request. */
const BYTES_AROUND = 64 * 1024
/** A limit of 1400 s was met at 1390.x s of MP3: lengths come out a little longer in other people's hands. */
const SHARE_OF_LIMIT = 0.99

/** The first of the formats in which so much sound surely stays under the provider's limit; undefined where none does. */
export function planSoundFormat(limits: SoundLimits, durationMs: number): SoundFormat | undefined {
  if (durationMs > longestMs(limits)) return undefined
  return limits.formats.find((format) => durationMs <= longestInMs(format, limits))
}

/** How long sound may be that the provider surely takes, in the format that gets furthest. Infinite without limits. */
export function longestMs(limits: SoundLimits): number {
  const bySize = Math.max(...limits.formats.map((format) => longestInMs(format, limits)))
  return Math.floor(Math.min(bySize, (limits.maxDurationMs ?? Number.POSITIVE_INFINITY) * SHARE_OF_LIMIT))
}

function longestInMs(format: SoundFormat, { maxBytes = Number.POSITIVE_INFINITY }: SoundLimits): number {
  return ((maxBytes - BYTES_AROUND) / MOST_BYTES_PER_SECOND[format]) * 1000
}
