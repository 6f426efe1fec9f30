import type { Doubt } from '@app/contracts'
import type { HeardSegment } from '../speech/port.ts'
import type { Span } from './plan-speech-spans.ts'

/** A row of doubtful segments, and the stretch of sound in which what was really said must be. */
export interface Stretch extends Span {
  /** Indices of the first of these segments, and of the first behind them. */
  first: number
  end: number
}

/** What is to be heard again: from the end of the segment before to the start of the one behind, for a loop swallows both. */
export function planAgain(
  segments: readonly HeardSegment[],
  doubts: readonly (Doubt | undefined)[],
  durationMs: number,
): Stretch[] {
  const stretches: Stretch[] = []
  for (let first = 0; first < segments.length; first += 1) {
    if (doubts[first] === undefined) continue
    let end = first + 1
    while (end < segments.length && doubts[end] !== undefined) end += 1
    const startMs = segments[first - 1]?.endMs ?? 0
    const endMs = Math.max(startMs, segments[end]?.startMs ?? durationMs)
    if (endMs > startMs) stretches.push({ first, end, startMs, endMs })
    first = end
  }
  return stretches
}

/**
 * The segments with those of a stretch replaced by what was heard there the second time, unless that is in doubt as
 * well: then the first hearing stands, marked with why. Where it was text over silence, hearing nothing is an answer.
 */
export function planReplaced(
  segments: readonly HeardSegment[],
  doubts: readonly (Doubt | undefined)[],
  heardAgain: readonly {
    stretch: Stretch
    segments: readonly HeardSegment[]
    doubts: readonly (Doubt | undefined)[]
  }[],
): HeardSegment[] {
  const byFirst = new Map(heardAgain.map((again) => [again.stretch.first, again]))
  const result: HeardSegment[] = []
  for (let index = 0; index < segments.length; index += 1) {
    const again = byFirst.get(index)
    if (again && isBetter(again, doubts.slice(index, again.stretch.end))) {
      result.push(...again.segments)
      index = again.stretch.end - 1
    } else result.push(marked(segments[index] as HeardSegment, doubts[index]))
  }
  return result
}

function isBetter(
  again: { segments: readonly HeardSegment[]; doubts: readonly (Doubt | undefined)[] },
  before: readonly (Doubt | undefined)[],
): boolean {
  if (again.segments.length === 0) return before.every((doubt) => doubt === 'over-silence')
  return again.doubts.every((doubt) => doubt === undefined)
}

function marked(segment: HeardSegment, doubt: Doubt | undefined): HeardSegment {
  return doubt === undefined ? segment : { ...segment, doubtful: doubt }
}
