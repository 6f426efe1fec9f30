import { deflateSync } from 'node:zlib'
import { comparableWords, type Doubt } from '@app/contracts'
import type { HeardSegment } from '../speech/port.ts'
import type { Span } from './plan-speech-spans.ts'

/** Whisper's own limits: openai/whisper, `transcribe.py` (compression_ratio_threshold, logprob_threshold, no_speech_threshold). */
const MOST_COMPRESSION = 2.4
const LEAST_LOG_PROBABILITY = -1
const MOST_NO_SPEECH = 0.6
/** It judges compression by windows of thirty seconds: a loop of short segments shows in no single one. */
const WINDOW_MS = 30_000
/** People do say a thing thrice; a recogniser in a loop says whole sentences. */
const MOST_ALIKE = 2
const MOST_ALIKE_SHORT = 4
const SHORT_WORDS = 3
/** Models put the edges of segments up to half a second off. */
const SLACK_MS = 500
/** Less of a segment than this lies where anything can be heard. */
const LEAST_AUDIBLE = 0.1

/** For each segment why it may be made up, if it may. `spans` is where the sound is loud enough for speech. */
export function planDoubts(
  segments: readonly HeardSegment[],
  spans: readonly Span[],
): readonly (Doubt | undefined)[] {
  const repeated = repeatedSegments(segments)
  const compressible = compressibleSegments(segments)
  return segments.map((segment, index) => {
    if (isOverSilence(segment, spans)) return 'over-silence'
    if (repeated.has(index)) return 'repeated'
    if (compressible.has(index)) return 'compressible'
    return (segment.averageLogProbability ?? 0) < LEAST_LOG_PROBABILITY ? 'improbable' : undefined
  })
}

/** UTF-8 bytes over their zlib bytes. English prose has 1.2 to 2 in half a minute; what runs in circles far more. */
export function compressionRatio(text: string): number {
  const bytes = Buffer.from(text.trim())
  return bytes.length === 0 ? 0 : bytes.length / deflateSync(bytes).length
}

function isOverSilence(segment: HeardSegment, spans: readonly Span[]): boolean {
  const { averageLogProbability = 0, noSpeechProbability = 0 } = segment
  if (noSpeechProbability > MOST_NO_SPEECH && averageLogProbability < LEAST_LOG_PROBABILITY) return true
  const [startMs, endMs] = [segment.startMs - SLACK_MS, segment.endMs + SLACK_MS]
  const audibleMs = spans.reduce(
    (sum, span) => sum + Math.max(0, Math.min(span.endMs, endMs) - Math.max(span.startMs, startMs)),
    0,
  )
  return audibleMs < LEAST_AUDIBLE * (endMs - startMs)
}

function repeatedSegments(segments: readonly HeardSegment[]): Set<number> {
  const repeated = new Set<number>()
  const keys = segments.map((segment) => comparableWords(segment.text))
  for (let first = 0; first < segments.length; ) {
    const words = keys[first] ?? []
    let end = first + 1
    while (end < segments.length && isSame(words, keys[end] ?? [])) end += 1
    const most = words.length > SHORT_WORDS ? MOST_ALIKE : MOST_ALIKE_SHORT
    if (words.length > 0 && end - first > most) for (let at = first; at < end; at += 1) repeated.add(at)
    first = end
  }
  return repeated
}

const isSame = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((word, index) => word === b[index])

function compressibleSegments(segments: readonly HeardSegment[]): Set<number> {
  const compressible = new Set<number>()
  for (let first = 0; first < segments.length; ) {
    const startMs = segments[first]?.startMs ?? 0
    let end = first + 1
    while (end < segments.length && (segments[end]?.endMs ?? 0) - startMs <= WINDOW_MS) end += 1
    const window = segments.slice(first, end)
    if (compressionRatio(window.map(({ text }) => text).join(' ')) > MOST_COMPRESSION) {
      for (let at = first; at < end; at += 1) compressible.add(at)
    }
    first = end
  }
  return compressible
}
