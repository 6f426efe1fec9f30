import { joinPieces, type Segment, tokensAtMost } from '@app/contracts'
import { type SpokenWord, spokenWords } from './spoken-words.ts'

/** A passage to be embedded, with its place in the recording. */
export interface Chunk {
  index: number
  startMs: number
  endMs: number
  text: string
}

export interface ChunkLimits {
  /** What the model reads of a text, as `tokensAtMost` counts. Default: no limit. */
  mostTokens?: number | undefined
}

/** A spoken sentence or three: fewer words say too little to be found by, more blur into each other. */
const FEWEST_WORDS = 40
const TARGET_WORDS = 60
const MOST_WORDS = 80
/** What is said across a border is whole in one of the two chunks, if it is no longer than this. */
const OVERLAP_WORDS = 15
/** A border may move this far to fall where the speaker paused. */
const OVERLAP_LEEWAY = 8
/** A shorter rest goes with the chunk before it. */
const SHORTEST_REST = 20

/**
 * A transcript as overlapping passages of about 40 to 80 words that a model reads whole, cut where a sentence ends in
 * that range, else where a segment does. Every word is in at least one chunk; short transcripts are one chunk, empty
 * ones none.
 */
export function planChunks(segments: readonly Segment[], limits: ChunkLimits = {}): Chunk[] {
  const words = spokenWords(segments)
  const fits = fittingIn(words, limits.mostTokens ?? Number.POSITIVE_INFINITY)
  const chunks: Chunk[] = []
  for (let start = 0; start < words.length; ) {
    const end = chunkEnd(words, start, fits(start))
    chunks.push(toChunk(chunks.length, words.slice(start, end)))
    if (end === words.length) break
    start = overlapStart(words, start, end)
  }
  return chunks
}

/** Answers for a word how many from it on fit, one at least. */
function fittingIn(words: readonly SpokenWord[], mostTokens: number): (start: number) => number {
  const sizes = words.map(({ text }) => tokensAtMost(text) + 1)
  return (start) => {
    let count = 1
    let tokens = sizes[start] ?? 0
    while (start + count < words.length && tokens + (sizes[start + count] ?? 0) <= mostTokens) {
      tokens += sizes[start + count] ?? 0
      count += 1
      if (count > MOST_WORDS + SHORTEST_REST) break
    }
    return count
  }
}

function chunkEnd(words: readonly SpokenWord[], start: number, fitting: number): number {
  const left = words.length - start
  if (left <= Math.min(MOST_WORDS, fitting)) return words.length
  const most = Math.min(MOST_WORDS, fitting)
  const least = Math.min(FEWEST_WORDS, most)
  const end = nearest(words, start + Math.min(TARGET_WORDS, most), [start + least, start + most])
  const isShortRest = words.length - end < SHORTEST_REST && left <= fitting
  return isShortRest ? words.length : end
}

function overlapStart(words: readonly SpokenWord[], start: number, end: number): number {
  // Of a chunk that is short because of its tokens, half at most is said again.
  const overlap = Math.min(OVERLAP_WORDS, Math.floor((end - start) / 2))
  const leeway = Math.min(OVERLAP_LEEWAY, Math.floor(overlap / 2))
  const ideal = end - overlap
  return Math.max(start + 1, nearest(words, ideal, [ideal - leeway, ideal + leeway]))
}

/** The beginning of a sentence that is nearest to the ideal within bounds, else of a segment, else the ideal itself. */
function nearest(words: readonly SpokenWord[], ideal: number, [least, most]: [number, number]): number {
  for (const kind of ['sentence', 'segment'] as const) {
    for (let distance = 0; distance <= most - least; distance += 1) {
      const before = ideal - distance
      const after = ideal + distance
      if (before >= least && words[before]?.begins === kind) return before
      if (after <= most && words[after]?.begins === kind) return after
    }
  }
  return ideal
}

function toChunk(index: number, words: readonly SpokenWord[]): Chunk {
  return {
    ...{ index, startMs: words[0]?.startMs ?? 0, endMs: words.at(-1)?.endMs ?? 0 },
    text: joinPieces(words),
  }
}
