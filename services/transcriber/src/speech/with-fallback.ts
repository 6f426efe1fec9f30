import { ProviderStoppedError } from '@app/providers'
import type { Heard, SpeechCapabilities, SpeechToText } from './port.ts'

/**
 * A provider, and others for while it can't be asked: its key was refused, its credit is gone, or it is down. What one
 * of them has heard says so (`insteadOf`). Sound that was sent to one provider is not sent to another as well: that one
 * is waited for.
 */
export function withFallback(first: SpeechToText, others: readonly SpeechToText[]): SpeechToText {
  if (others.length === 0) return first
  const all = [first, ...others]
  const insteadOf = (heard: Heard): Heard =>
    heard.provider === first.provider ? heard : { ...heard, insteadOf: first.provider }
  return {
    provider: first.provider,
    model: first.model,
    capabilities: common(all.map(({ capabilities }) => capabilities)),
    async resume(options) {
      for (const speech of all) {
        const heard = await speech.resume?.(options)
        if (heard) return insteadOf(heard)
      }
      return undefined
    },
    async transcribe(sound, options) {
      let stopped: unknown
      for (const speech of all) {
        try {
          return insteadOf(await speech.transcribe(sound, options))
        } catch (error) {
          if (!(error instanceof ProviderStoppedError)) throw error
          // The first one's sentence says what is to be mended.
          stopped ??= error
        }
      }
      throw stopped
    },
  }
}

/** What all of them can do with a sound: which one will have it is not known when it is made. */
function common(all: readonly SpeechCapabilities[]): SpeechCapabilities {
  const least = (limits: readonly (number | undefined)[]) =>
    Math.min(...limits.map((limit) => limit ?? Number.POSITIVE_INFINITY))
  const maxDurationMs = least(all.map((each) => each.maxDurationMs))
  const maxBytes = least(all.map((each) => each.maxBytes))
  const [first = { formats: [], inputs: [] }] = all
  const both = <T>(of: (each: SpeechCapabilities) => readonly T[]) =>
    all.map(of).reduce((some, more) => some.filter((one) => more.includes(one)))
  return {
    wordTimes: all.every((each) => each.wordTimes),
    speakers: all.every((each) => each.speakers),
    languages: all.some((each) => each.languages === 'any') ? 'any' : all.flatMap((each) => each.languages),
    inputs: first.inputs,
    formats: both((each) => each.formats),
    ...(Number.isFinite(maxDurationMs) ? { maxDurationMs } : {}),
    ...(Number.isFinite(maxBytes) ? { maxBytes } : {}),
    wholeRecordings: all.every((each) => each.wholeRecordings ?? false),
    otherSettings: all.every((each) => each.otherSettings ?? false),
  }
}
