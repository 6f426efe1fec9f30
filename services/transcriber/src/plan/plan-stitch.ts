import type { RecordingPart, Segment, Transcript } from '@app/contracts'
import { planSeam } from './plan-seam.ts'

/** What a part gave beside its words. */
export type PartHead = Omit<Transcript, 'segments'> & { part: RecordingPart; wordCount: number }

/**
 * What the whole transcript is beside its segments: the named language, or else the one of most words; of providers and
 * models all that had a part in it; what was billed, summed.
 */
export function planHead(
  heads: readonly PartHead[],
  { language, durationMs }: { language?: string | undefined; durationMs: number },
): Omit<Transcript, 'segments'> {
  const most = mostSpoken(heads)
  const replaced = heads.flatMap((head) => head.insteadOf ?? [])
  return {
    language: language ?? most.language,
    ...(language === undefined ? most.confidence : {}),
    provider: namesOf(heads.map((head) => head.provider)),
    model: namesOf(heads.map((head) => head.model)),
    ...(replaced.length > 0 ? { insteadOf: namesOf(replaced) } : {}),
    durationMs,
    ...sumOf(heads, 'secondsBilled'),
    ...sumOf(heads, 'costUsd'),
  }
}

/**
 * The parts' segments as one transcript's, given out as soon as nothing can change them any more: two parts are held at a
 * time, however many there are. A part's times count from the start of its own sound, and are moved by that, a whole
 * number of samples; at seams that both sides have heard no word is lost or doubled.
 */
export async function* stitched(
  heads: readonly PartHead[],
  segmentsOf: (index: number) => Promise<readonly Segment[]>,
): AsyncGenerator<Segment> {
  let held: readonly Segment[] = []
  let atMs = 0
  const ahead = function* (segments: readonly Segment[]) {
    for (const segment of segments) {
      const placed = notBefore(segment, atMs)
      atMs = placed.endMs
      yield placed
    }
  }
  for (const [index, { part }] of heads.entries()) {
    const next = (await segmentsOf(index)).map((segment) => moved(segment, part.fromMs, index + 1))
    const before = heads[index - 1]?.part
    const joined = before ? join(held, next, before, part) : { left: held, right: next }
    yield* ahead(joined.left)
    held = joined.right
  }
  yield* ahead(held)
}

function join(
  left: readonly Segment[],
  right: readonly Segment[],
  before: RecordingPart,
  part: RecordingPart,
) {
  const isShared = before.toMs > part.fromMs
  if (!isShared) return { left, right }
  return planSeam(left, right, { atMs: part.startMs, fromMs: part.fromMs, toMs: before.toMs })
}

/** Who is called "1" in one part may be "2" in the next, for nobody has heard both: speakers are named by their part. */
function moved(segment: Segment, byMs: number, number: number): Segment {
  const words = segment.words.map((word) => ({
    ...word,
    startMs: word.startMs + byMs,
    endMs: word.endMs + byMs,
  }))
  const speaker = segment.speaker === undefined ? {} : { speaker: `${segment.speaker}, part ${number}` }
  return { ...segment, ...speaker, words, startMs: segment.startMs + byMs, endMs: segment.endMs + byMs }
}

/** Both sides of a seam put its words a little differently; none begins before the one in front of it has ended. */
function notBefore(segment: Segment, atMs: number): Segment {
  if (segment.startMs >= atMs) return segment
  const later = <Times extends { startMs: number; endMs: number }>(times: Times): Times => ({
    ...times,
    startMs: Math.max(times.startMs, atMs),
    endMs: Math.max(times.endMs, atMs),
  })
  return { ...later(segment), words: segment.words.map(later) }
}

function mostSpoken(heads: readonly PartHead[]) {
  const words = new Map<string, number>()
  for (const { language, wordCount } of heads) words.set(language, (words.get(language) ?? 0) + wordCount)
  const [language = 'und'] = [...words].toSorted((a, b) => b[1] - a[1])[0] ?? []
  const sure = heads.filter((head) => head.language === language && head.languageConfidence !== undefined)
  const total = sure.reduce((sum, { wordCount }) => sum + wordCount, 0)
  const weighed = sure.reduce(
    (sum, { languageConfidence = 0, wordCount }) => sum + languageConfidence * wordCount,
    0,
  )
  return { language, confidence: total > 0 ? { languageConfidence: weighed / total } : {} }
}

const namesOf = (names: readonly string[]): string => [...new Set(names)].join(', ')

function sumOf(heads: readonly PartHead[], field: 'secondsBilled' | 'costUsd') {
  const known = heads.flatMap((head) => head[field] ?? [])
  return known.length === 0 ? {} : { [field]: known.reduce((sum, value) => sum + value, 0) }
}
