import type { RecordingPart } from '@app/contracts'
import type { Span } from './plan-speech-spans.ts'

/** How recordings are cut. */
export interface PartLimits {
  /** Parts are about so long, and never longer. */
  mostMs: number
}

/** Where a recording is cut, and how much of the sound before and behind it both sides hear. */
export interface Cut {
  atMs: number
  overlapMs: number
}

/** Readers pause for breath every few seconds, and between sentences longer: a minute has many to choose from. */
const WIDEST_WINDOW_MS = 60_000
/** Of short parts, a fifth: the rest of a part is its own. */
const WINDOW_SHARE = 5
/**
 * Both sides hear so much of a cut that is no pause: ten to twenty words, of which some are the same on either side. Of short
 * parts, a tenth.
 */
const WIDEST_OVERLAP_MS = 8_000
const OVERLAP_SHARE = 10
/** A pause shorter than this may be a stop inside a word. */
export const SHORTEST_PAUSE_MS = 300
/** The sound of a pause, at its ends, is left to both sides. */
const FULL_SILENCE_SHARE = 0.6

/** What silencedetect is asked for: rooms and tape hiss stay below this, speech of any usable loudness far above. */
export const SILENCE = { belowDb: -45, atLeastMs: SHORTEST_PAUSE_MS }

/**
 * The stretches in which a recording is to be cut, in order: one fewer than it has parts, none where it is one. Each may be
 * cut anywhere in its stretch without regard to the others, and no part comes out longer than the limit.
 */
export function planWindows(durationMs: number, { mostMs }: PartLimits): Span[] {
  if (durationMs <= mostMs) return []
  const widthMs = Math.floor(Math.min(WIDEST_WINDOW_MS, mostMs / WINDOW_SHARE))
  const count = Math.ceil(durationMs / (mostMs - widthMs - overlapFor(mostMs)))
  return Array.from({ length: count - 1 }, (_, index) => {
    const startMs = Math.round((durationMs * (index + 1)) / count - widthMs / 2)
    return { startMs, endMs: startMs + widthMs }
  })
}

const overlapFor = (mostMs: number): number =>
  2 * Math.floor(Math.min(WIDEST_OVERLAP_MS, mostMs / OVERLAP_SHARE) / 2)

/**
 * The middle of the window's longest silence; of equal ones, the nearest to the window's middle. Undefined where there is
 * none, or so much of it that the recording is probably only quiet: then its loudness must decide.
 */
export function planSilentCut(window: Span, silences: readonly Span[]): Cut | undefined {
  const widthMs = window.endMs - window.startMs
  const silentMs = silences.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0)
  if (silentMs > widthMs * FULL_SILENCE_SHARE) return undefined
  const at = longestMiddle(silences, widthMs)
  return at === undefined ? undefined : { atMs: window.startMs + at, overlapMs: 0 }
}

/**
 * The same by loudness, for a window without silence: the middle of the longest pause between the stretches that are loud
 * enough for speech, and without any the quietest place, which both sides hear. Spans count from the window's start.
 */
export function planLoudnessCut(
  window: Span,
  { spans, loudness }: { spans: readonly Span[]; loudness: Float32Array },
  { mostMs }: PartLimits,
): Cut {
  const widthMs = window.endMs - window.startMs
  const at = longestMiddle(pausesBetween(spans, widthMs), widthMs)
  if (at !== undefined) return { atMs: window.startMs + at, overlapMs: 0 }
  return { atMs: window.startMs + quietestMs(loudness), overlapMs: overlapFor(mostMs) }
}

/** The parts between the cuts: every millisecond of the recording belongs to one, and overlaps are heard by two. */
export function planParts(durationMs: number, cuts: readonly Cut[]): RecordingPart[] {
  const edges = [{ atMs: 0, overlapMs: 0 }, ...cuts, { atMs: durationMs, overlapMs: 0 }]
  return edges.slice(1).map((end, index) => {
    const start = edges[index] as Cut
    return {
      startMs: start.atMs,
      endMs: end.atMs,
      fromMs: start.atMs - start.overlapMs / 2,
      toMs: end.atMs + end.overlapMs / 2,
    }
  })
}

function longestMiddle(pauses: readonly Span[], widthMs: number): number | undefined {
  let best: { atMs: number; lengthMs: number; offMs: number } | undefined
  for (const { startMs, endMs } of pauses) {
    const lengthMs = endMs - startMs
    const atMs = Math.round((startMs + endMs) / 2)
    const offMs = Math.abs(atMs - widthMs / 2)
    const isBetter = !best || lengthMs > best.lengthMs || (lengthMs === best.lengthMs && offMs < best.offMs)
    if (lengthMs >= SHORTEST_PAUSE_MS && isBetter) best = { atMs, lengthMs, offMs }
  }
  return best?.atMs
}

function pausesBetween(spans: readonly Span[], widthMs: number): Span[] {
  const edges = [0, ...spans.flatMap(({ startMs, endMs }) => [startMs, endMs]), widthMs]
  return edges.flatMap((startMs, index) =>
    index % 2 === 0 ? [{ startMs, endMs: edges[index + 1] ?? widthMs }] : [],
  )
}

const FRAME_MS = 10
/** A mean over a fifth of a second: shorter dips lie inside words. */
const NEAR_FRAMES = 10

/** Where it is quietest, in milliseconds from the start; of equal places the one nearest to the middle. */
function quietestMs(loudness: Float32Array): number {
  const middle = Math.floor(loudness.length / 2)
  let best = { frame: middle, db: Number.POSITIVE_INFINITY }
  for (let step = 0; step <= middle; step += 1) {
    for (const frame of [middle - step, middle + step]) {
      const near = loudness.subarray(Math.max(0, frame - NEAR_FRAMES), frame + NEAR_FRAMES + 1)
      if (near.length === 0) continue
      const db = near.reduce((sum, each) => sum + each, 0) / near.length
      if (db < best.db) best = { frame, db }
    }
  }
  return best.frame * FRAME_MS
}
