import { type Segment, timedWords, type Word } from '@app/contracts'

/** A passage to be embedded, with its place in the recording. */
export interface Chunk {
  index: number
  startMs: number
  endMs: number
  text: string
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
 * A transcript as overlapping passages of about 40 to 80 words, cut between segments where one ends in that range.
 * Every word is in at least one chunk; short transcripts are one chunk, empty ones none.
 */
export function planChunks(segments: readonly Segment[]): Chunk[] {
  const { words, starts } = flatten(segments)
  const chunks: Chunk[] = []
  for (let start = 0; start < words.length; ) {
    const end = chunkEnd(start, words.length, starts)
    chunks.push(toChunk(chunks.length, words.slice(start, end)))
    if (end === words.length) break
    start = overlapStart(start, end, starts)
  }
  return chunks
}

/** All words, and the places among them at which segments start. */
function flatten(segments: readonly Segment[]): { words: Word[]; starts: ReadonlySet<number> } {
  const words: Word[] = []
  const starts = new Set<number>()
  for (const segment of segments) {
    starts.add(words.length)
    for (const word of timedWords(segment)) words.push(word)
  }
  return { words, starts }
}

function chunkEnd(start: number, wordCount: number, starts: ReadonlySet<number>): number {
  if (wordCount - start <= MOST_WORDS) return wordCount
  const end = nearest(start + TARGET_WORDS, start + FEWEST_WORDS, start + MOST_WORDS, starts)
  return wordCount - end < SHORTEST_REST ? wordCount : end
}

function overlapStart(start: number, end: number, starts: ReadonlySet<number>): number {
  const ideal = end - OVERLAP_WORDS
  return Math.max(start + 1, nearest(ideal, ideal - OVERLAP_LEEWAY, ideal + OVERLAP_LEEWAY, starts))
}

/** The segment start nearest to the ideal within bounds, or the ideal itself where no segment starts. */
function nearest(ideal: number, least: number, most: number, starts: ReadonlySet<number>): number {
  for (let distance = 0; distance <= most - least; distance += 1) {
    const before = ideal - distance
    const after = ideal + distance
    if (before >= least && starts.has(before)) return before
    if (after <= most && starts.has(after)) return after
  }
  return ideal
}

function toChunk(index: number, words: readonly Word[]): Chunk {
  const text = words.map((word) => word.text).join(' ')
  return { index, startMs: words[0]?.startMs ?? 0, endMs: words.at(-1)?.endMs ?? 0, text }
}
