import type { RawUtterance } from './raw-utterance.ts'

interface SpokenSegment {
  /** Seconds, or `MM:SS`, as it pleases the model. */
  start?: number | string | null | undefined
  end?: number | string | null | undefined
  text: string
  speaker?: string | null | undefined
}

/** By how much a time may lie behind the end of the sound: it is rounded to seconds at times. */
const SLACK_MS = 2_000
/** Where the text ends long before the speech does, its times have shrunk; they are known to drift. */
const LEAST_COVERED = 0.6

/**
 * A language model's segments as utterances. Its times are guesses: where they run backwards, lie outside the sound or
 * end long before the speech does, none is believed, and the text is laid over the speech instead.
 */
export function planGeminiUtterances(
  segments: readonly SpokenSegment[],
  sound: { durationMs: number; spans: readonly { endMs: number }[] },
): RawUtterance[] {
  const timed = segments.map(({ start, end }) => ({ startMs: millis(start), endMs: millis(end) }))
  const lastSpeechMs = sound.spans.at(-1)?.endMs ?? sound.durationMs
  const isPlausible = runForward(timed, sound.durationMs) && covers(timed.at(-1)?.endMs, lastSpeechMs)
  const speakers = new Set(segments.map(({ speaker }) => speaker?.trim() ?? ''))
  return segments.map(({ text, speaker }, index) => ({
    text,
    ...(isPlausible ? timed[index] : {}),
    // One voice alone is nobody's in particular.
    ...(speakers.size > 1 ? { speaker } : {}),
  }))
}

function runForward(
  times: readonly { startMs: number | undefined; endMs: number | undefined }[],
  durationMs: number,
): boolean {
  let earliestMs = 0
  return times.every(({ startMs, endMs }) => {
    if (startMs === undefined || endMs === undefined) return false
    const isForward = startMs >= earliestMs - SLACK_MS && endMs >= startMs && endMs <= durationMs + SLACK_MS
    earliestMs = startMs
    return isForward
  })
}

const covers = (lastMs: number | undefined, speechMs: number): boolean =>
  lastMs !== undefined && lastMs >= speechMs * LEAST_COVERED

function millis(time: number | string | null | undefined): number | undefined {
  const seconds = typeof time === 'string' ? fromClock(time) : (time ?? undefined)
  return seconds === undefined || !Number.isFinite(seconds) || seconds < 0 ? undefined : seconds * 1000
}

/** `75`, `1:15`, `01:15.500`, `0:01:15`. */
function fromClock(time: string): number | undefined {
  const parts = time.trim().split(':').map(Number)
  return parts.length > 3 ? undefined : parts.reduce((sum, part) => sum * 60 + part, 0)
}
