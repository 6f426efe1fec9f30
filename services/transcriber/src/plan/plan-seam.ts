import { comparableWords, type Segment, type Word } from '@app/contracts'
import { writtenTextOf } from './written-text.ts'

/** A cut that both sides have heard the surroundings of, on the recording's own clock. */
export interface Seam {
  atMs: number
  fromMs: number
  toMs: number
}

/** Times that were estimated are this far off at most; measured ones of the same word differ by less. */
const ESTIMATE_SLACK_MS = 5_000
/** Two recognisers of one sound put a word at most this far apart. */
const SAME_WORD_MS = 700

/**
 * Joins what was heard on both sides of a cut without losing or doubling a word. In the sound that both heard, the
 * longest row of words that both have in the same order is looked for; of these the one nearest to the cut is where one
 * side's words end and the other's begin. Where they have none in common, each keeps what lies on its own side.
 */
export function planSeam(
  left: readonly Segment[],
  right: readonly Segment[],
  seam: Seam,
): { left: Segment[]; right: Segment[] } {
  const isEstimated = [...left.slice(-3), ...right.slice(0, 3)].some((segment) => segment.timesEstimated)
  const slackMs = isEstimated ? ESTIMATE_SLACK_MS : 0
  const tail = wordsOf(left).filter(({ word }) => word.endMs > seam.fromMs - slackMs)
  const head = wordsOf(right).filter(({ word }) => word.startMs < seam.toMs + slackMs)
  // Only one of them heard anything there: that is all there is.
  if (tail.length === 0 || head.length === 0) return { left: [...left], right: [...right] }
  const apartMs = isEstimated ? 2 * ESTIMATE_SLACK_MS : SAME_WORD_MS
  const meeting = nearest(commonWords(tail, head, apartMs), seam.atMs)
  if (!meeting) return splitAt(left, right, seam.atMs)
  return {
    left: keepWords(left, (word) => !isBehind(word, meeting.tail, tail)),
    right: keepWords(right, (word) => !isBefore(word, meeting.head, head)),
  }
}

interface Placed {
  word: Word
  key: string
}

function wordsOf(segments: readonly Segment[]): Placed[] {
  return segments.flatMap(({ words }) =>
    words.map((word) => ({ word, key: comparableWords(word.text).join(' ') || word.text })),
  )
}

interface Meeting {
  tail: number
  head: number
  atMs: number
}

/** The pairs of a longest common subsequence, of words that are the same and not too far apart. */
function commonWords(tail: readonly Placed[], head: readonly Placed[], apartMs: number): Meeting[] {
  const same = (a: Placed, b: Placed) =>
    a.key === b.key && Math.abs(a.word.startMs - b.word.startMs) <= apartMs
  const lengths = Array.from({ length: tail.length + 1 }, () => new Uint16Array(head.length + 1))
  const at = (row: number, column: number) => lengths[row]?.[column] ?? 0
  for (let row = tail.length - 1; row >= 0; row -= 1) {
    for (let column = head.length - 1; column >= 0; column -= 1) {
      const isSame = same(tail[row] as Placed, head[column] as Placed)
      const longest = isSame
        ? at(row + 1, column + 1) + 1
        : Math.max(at(row + 1, column), at(row, column + 1))
      ;(lengths[row] as Uint16Array)[column] = longest
    }
  }
  const meetings: Meeting[] = []
  for (let [row, column] = [0, 0]; row < tail.length && column < head.length; ) {
    const [a, b] = [tail[row] as Placed, head[column] as Placed]
    if (same(a, b)) {
      meetings.push({ tail: row, head: column, atMs: (a.word.startMs + b.word.endMs) / 2 })
      row += 1
      column += 1
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1
    else column += 1
  }
  return meetings
}

function nearest(meetings: readonly Meeting[], atMs: number): Meeting | undefined {
  return meetings.toSorted((a, b) => Math.abs(a.atMs - atMs) - Math.abs(b.atMs - atMs))[0]
}

/** The left side keeps the word at which both meet. */
function isBehind(word: Word, meeting: number, tail: readonly Placed[]): boolean {
  return tail.findIndex((placed) => placed.word === word) > meeting
}

function isBefore(word: Word, meeting: number, head: readonly Placed[]): boolean {
  const index = head.findIndex((placed) => placed.word === word)
  return index >= 0 && index <= meeting
}

function splitAt(left: readonly Segment[], right: readonly Segment[], atMs: number) {
  const middle = ({ startMs, endMs }: Word) => (startMs + endMs) / 2
  return {
    left: keepWords(left, (word) => middle(word) < atMs),
    right: keepWords(right, (word) => middle(word) >= atMs),
  }
}

/** Segments with these of their words; what has none left is gone, and what lost some says only what it kept. */
function keepWords(segments: readonly Segment[], isKept: (word: Word) => boolean): Segment[] {
  return segments.flatMap((segment) => {
    const words = segment.words.filter(isKept)
    if (words.length === segment.words.length) return [segment]
    const [first, last] = [words[0], words.at(-1)]
    if (!first || !last) return []
    const from = segment.words.indexOf(first)
    const text = writtenTextOf(segment.words, segment.text)(from, from + words.length)
    return [{ ...segment, words, text, startMs: first.startMs, endMs: last.endMs }]
  })
}
