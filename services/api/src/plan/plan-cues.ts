import { joinPieces, type Piece, type Segment, timedPieces } from '@app/contracts'

/** One subtitle: one or two lines, shown from start to end. */
export interface Cue {
  startMs: number
  endMs: number
  lines: string[]
  speaker?: string
}

/**
 * Netflix's Timed Text Style Guide: two lines of 42 characters, 16 of them where each takes the place of several; shown
 * for 5/6 s to 7 s, and long enough to be read at 17 characters a second.
 */
const LINE_WIDTH = 42
const WIDE = LINE_WIDTH / 16
const CUE_WIDTH = 2 * LINE_WIDTH
const LONGEST_CUE_MS = 7000
const SHORTEST_CUE_MS = 833
const READ_A_SECOND = 17

/** Segments as subtitles that can be read: cut between words, never overlapping, in order. */
export function planCues(segments: readonly Segment[]): Cue[] {
  const cues = segments.flatMap((segment) => {
    const speaker = segment.speaker === undefined ? {} : { speaker: segment.speaker }
    return groups(timedPieces(segment)).map((pieces) => ({ ...toCue(pieces), ...speaker }))
  })
  return cues.map((cue, index) => ({ ...cue, endMs: readableEnd(cue, cues[index + 1]?.startMs) }))
}

/** As few cues as the limits allow, of about equal length: a last cue of one word reads badly. */
function groups(pieces: readonly Piece[]): Piece[][] {
  const first = pieces[0]
  const last = pieces.at(-1)
  if (!first || !last) return []

  const count = Math.max(
    widthOf(joinPieces(pieces)) / CUE_WIDTH,
    (last.endMs - first.startMs) / LONGEST_CUE_MS,
  )
  if (pieces.length === 1 || (count <= 1 && wrap(pieces).length <= 2)) return [[...pieces]]

  const half = middle(pieces)
  return [...groups(pieces.slice(0, half)), ...groups(pieces.slice(half))]
}

/** The place nearest to half of the letters; after punctuation, if there is some close by. */
function middle(pieces: readonly Piece[]): number {
  const widths = pieces.map(({ text, isApart }) => widthOf(text) + (isApart ? 1 : 0))
  const total = widths.reduce((sum, width) => sum + width, 0)
  let best = { at: 1, cost: Number.POSITIVE_INFINITY }
  let before = 0
  for (let at = 1; at < pieces.length; at += 1) {
    before += widths[at - 1] ?? 0
    const cost = Math.abs(before - total / 2) - total * worthOfBreak(pieces[at - 1]?.text ?? '')
    if (cost < best.cost) best = { at, cost }
  }
  return best.at
}

function worthOfBreak(previous: string): number {
  if (/[.!?…。！？।؟۔]$/u.test(previous)) return 1 / 5
  return /[,;:，、；：،؛]$/u.test(previous) ? 1 / 10 : 0
}

function toCue(pieces: readonly Piece[]): Cue {
  return { startMs: pieces[0]?.startMs ?? 0, endMs: pieces.at(-1)?.endMs ?? 0, lines: wrap(pieces) }
}

/** One line if it fits, else two of about equal length, the lower one longer rather than the upper. */
function wrap(pieces: readonly Piece[]): string[] {
  const whole = joinPieces(pieces)
  if (widthOf(whole) <= LINE_WIDTH) return [whole]
  let best = { lines: [whole], cost: Number.POSITIVE_INFINITY }
  for (let at = 1; at < pieces.length; at += 1) {
    const lines = [joinPieces(pieces.slice(0, at)), joinPieces(pieces.slice(at))]
    const [upper = 0, lower = 0] = lines.map(widthOf)
    const cost = Math.max(upper, lower) + (upper > lower ? 0.5 : 0)
    if (cost < best.cost) best = { lines, cost }
  }
  return best.cost < LINE_WIDTH + 1 ? best.lines : greedy(pieces)
}

function greedy(pieces: readonly Piece[]): string[] {
  const lines: Piece[][] = []
  for (const piece of pieces) {
    const line = lines.at(-1)
    if (line && widthOf(joinPieces([...line, piece])) <= LINE_WIDTH) line.push(piece)
    else lines.push([piece])
  }
  return lines.map(joinPieces)
}

/**
 * Long enough to be read, where the next cue leaves time for it; a word that is said to last for minutes is not shown so
 * long.
 */
function readableEnd({ startMs, endMs, lines }: Cue, nextStartMs = Number.POSITIVE_INFINITY): number {
  const readMs = Math.round((widthOf(lines.join(' ')) / READ_A_SECOND) * 1000)
  const wanted = Math.max(endMs, startMs + Math.max(SHORTEST_CUE_MS, readMs))
  const free = Math.min(wanted, Math.max(nextStartMs, endMs), startMs + LONGEST_CUE_MS)
  // A cue needs some length to be legal, even where a provider gave its words none.
  return Math.max(startMs + 1, free)
}

/** In characters as readers count: an accent is none of its own, and of Chinese ones 16 fill a line. */
function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length
  if (WITHOUT_MARKS.test(text)) return text.length + (text.match(WIDES)?.length ?? 0) * (WIDE - 1)
  return [...letters.segment(text)].reduce((sum, { segment }) => sum + (IS_WIDE.test(segment) ? WIDE : 1), 0)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII whatever it is needs no counting of letters.
const NARROW = /^[\x00-\x7f]*$/
const WIDE_LETTERS = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\u3001-\u303f\u30fb\u30fc\uff01-\uff60`
const IS_WIDE = new RegExp(`^[${WIDE_LETTERS}]`, 'u')
const WIDES = new RegExp(`[${WIDE_LETTERS}]`, 'gu')
/** Each a letter by itself: a book in Chinese has a hundred thousand, and a segmenter takes its time. */
const WITHOUT_MARKS = /^[ -~\u3001-\u3029\u3041-\u3096\u30a1-\u30fc\u3400-\u9fff\uac00-\ud7a3\uff01-\uff60]*$/
const letters = new Intl.Segmenter()
