import { FRAME_MS, SILENCE_DB } from './frame-loudness.ts'

/** A stretch of the recording to be recognised in one go. Spans are in order and don't overlap. */
export interface Span {
  startMs: number
  endMs: number
}

/** Frames, of 10 ms each, from `start` up to but not including `end`. */
interface Run {
  start: number
  end: number
}

/** Loudness is judged against its own half minute, so a quiet speaker after a loud one is still speech. */
const BLOCK_FRAMES = 3000
/** Quieter than the least bit of 16-bit sound: silence whatever stands beside it. */
const INAUDIBLE_DB = -85
/** A pause shorter than this is part of a word or a phrase ("…-t k-…" stops take up to 150 ms). */
const PAUSE_FRAMES = 25
/** Kept around speech, so that soft first and last sounds are not lost. */
const PADDING_FRAMES = 15
/** A click, not a word; smoothing has made four frames more of it. */
const CLICK_FRAMES = 6
/** The recogniser's lattice, and the time a word may wait for its text, grow with the span. */
const LONGEST_SPAN_FRAMES = 1500

/**
 * What of a recording is worth recognising, from its loudness per 10 ms frame (dB below full scale).
 *
 * Silence is left out, so two silent hours cost nothing and give the recogniser nothing to invent words from.
 * Where loudness can't tell speech from the rest (noise, music, speech without a pause) all of it is kept:
 * a needless span costs time, a missing one costs words. Long spans are cut at their quietest point.
 */
export function planSpeechSpans(loudness: Float32Array): Span[] {
  const smooth = smoothed(loudness)
  const runs = joined(audibleRuns(smooth), PAUSE_FRAMES).filter(
    ({ start, end }) => end - start > CLICK_FRAMES,
  )
  const spans = padded(runs, loudness.length).flatMap((run) => cutWhereQuiet(run, smooth))
  return spans.map(({ start, end }) => ({ startMs: start * FRAME_MS, endMs: end * FRAME_MS }))
}

/** How much of the speech lies before each span, from 0 to 1: progress once that span is begun. */
export function planProgress(spans: readonly Span[]): (index: number) => number {
  let totalMs = 0
  const beforeMs = spans.map(({ startMs, endMs }) => {
    totalMs += endMs - startMs
    return totalMs - (endMs - startMs)
  })
  return (index) => (totalMs > 0 ? (beforeMs[index] ?? 0) / totalMs : 1)
}

/** A mean over five frames: single frames inside a vowel dip far. */
function smoothed(loudness: Float32Array): Float32Array {
  return loudness.map((_, frame) => {
    let sum = 0
    let count = 0
    for (let near = Math.max(0, frame - 2); near <= frame + 2 && near < loudness.length; near += 1) {
      sum += loudness[near] ?? SILENCE_DB
      count += 1
    }
    return sum / count
  })
}

function audibleRuns(loudness: Float32Array): Run[] {
  const runs: Run[] = []
  for (let start = 0; start < loudness.length; start += BLOCK_FRAMES) {
    const block = loudness.subarray(start, start + BLOCK_FRAMES)
    const threshold = speechThreshold(block)
    block.forEach((db, index) => {
      if (db <= threshold) return
      const frame = start + index
      const last = runs.at(-1)
      if (last?.end === frame) last.end = frame + 1
      else runs.push({ start: frame, end: frame + 1 })
    })
  }
  return runs
}

/**
 * A quarter of the way up from the block's background to its loud parts, but at most 40 and at least 15 dB
 * below the latter: steady sound, whose background is itself, comes out as audible throughout.
 */
function speechThreshold(block: Float32Array): number {
  const heard = block.filter((db) => db > INAUDIBLE_DB).sort()
  if (heard.length === 0) return Number.POSITIVE_INFINITY

  const background = heard.length < block.length * 0.95 ? INAUDIBLE_DB : quantile(heard, 0.05)
  const loud = quantile(heard, 0.95)
  const threshold = Math.max(background + (loud - background) / 4, loud - 40)
  return Math.max(INAUDIBLE_DB, Math.min(threshold, loud - 15))
}

function quantile(sorted: Float32Array, share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? SILENCE_DB
}

function joined(runs: readonly Run[], pauseFrames: number): Run[] {
  const result: Run[] = []
  for (const { start, end } of runs) {
    const last = result.at(-1)
    if (last && start - last.end < pauseFrames) last.end = end
    else result.push({ start, end })
  }
  return result
}

/** Two neighbours share a pause too short for the padding of both. */
function padded(runs: readonly Run[], frameCount: number): Run[] {
  return runs.map(({ start, end }, index) => {
    const before = runs[index - 1]?.end
    const after = runs[index + 1]?.start
    const earliest = before === undefined ? 0 : Math.ceil((before + start) / 2)
    const latest = after === undefined ? frameCount : Math.ceil((end + after) / 2)
    return { start: Math.max(earliest, start - PADDING_FRAMES), end: Math.min(latest, end + PADDING_FRAMES) }
  })
}

function cutWhereQuiet(run: Run, loudness: Float32Array): Run[] {
  const length = run.end - run.start
  if (length <= LONGEST_SPAN_FRAMES) return [run]

  const quarter = Math.floor(length / 4)
  let cut = run.start + quarter * 2
  for (let frame = run.start + quarter; frame < run.end - quarter; frame += 1) {
    if ((loudness[frame] ?? 0) < (loudness[cut] ?? 0)) cut = frame
  }
  return [
    ...cutWhereQuiet({ start: run.start, end: cut }, loudness),
    ...cutWhereQuiet({ start: cut, end: run.end }, loudness),
  ]
}
