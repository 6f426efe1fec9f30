import type { Segment } from './transcript.ts'
import { comparableWords } from './word-error-rate.ts'

interface Span {
  startMs: number
  endMs: number
}

/** So many letters of a text are said at this time. */
interface Knot {
  letters: number
  ms: number
}

/**
 * When each of a segment's parts, which are all of its text in order, is said: the times of what a recogniser heard are
 * laid over the letters, whatever either calls a word; punctuation and case don't count. Heard words that the text lacks
 * are passed over, what only the text has gets the time between its neighbours. Undefined where nothing that was heard
 * is in the text.
 */
export function letterTimes<Part extends { text: string }>(
  { text, words, startMs, endMs }: Pick<Segment, 'text' | 'words' | 'startMs' | 'endMs'>,
  parts: readonly Part[],
): (Part & Span)[] | undefined {
  const letters = lettersOf(text)
  const found = knotsOf(letters, words)
  const last = found.at(-1)
  if (!last) return undefined
  const knots = [
    { letters: 0, ms: startMs },
    ...found,
    { letters: letters.length, ms: Math.max(last.ms, endMs) },
  ]
  let before = 0
  return runsOf(parts).flatMap((run) => {
    const own = run.reduce((sum, part) => sum + lettersOf(part.text).length, 0)
    const after = Math.min(before + own, letters.length)
    const [from, to] = [fromKnots(knots, before, 'start'), fromKnots(knots, after, 'end')]
    // What has no letters is in the pause where it stands.
    const said = after > before ? { startMs: from, endMs: to } : { startMs: to, endMs: from }
    before = after
    return shared(said, run)
  })
}

/** Each part by itself, but together those without letters that follow each other: they are in one pause. */
function runsOf<Part extends { text: string }>(parts: readonly Part[]): Part[][] {
  const runs: Part[][] = []
  let isInPause = false
  for (const part of parts) {
    const isSaid = lettersOf(part.text) !== ''
    if (!isSaid && isInPause) runs.at(-1)?.push(part)
    else runs.push([part])
    isInPause = !isSaid
  }
  return runs
}

function shared<Part>({ startMs, endMs }: Span, parts: readonly Part[]): (Part & Span)[] {
  const at = (place: number) => startMs + Math.round(((endMs - startMs) * place) / parts.length)
  return parts.map((part, place) => ({ ...part, startMs: at(place), endMs: at(place + 1) }))
}

const lettersOf = (text: string): string => comparableWords(text).join('').replaceAll("'", '')

/** Where each heard word begins and ends in the text, as far as it is found near to where the one before ended. */
function knotsOf(letters: string, words: Segment['words']): Knot[] {
  const knots: Knot[] = []
  let [at, missed, atMs] = [0, 0, Number.NEGATIVE_INFINITY]
  for (const { text, startMs, endMs } of words) {
    const own = lettersOf(text)
    // Further ahead, the same letters are another word; the more was missed, the further the text may have gone on.
    const gap = letters.slice(at, at + 2 * missed + 3 * own.length).indexOf(own)
    if (own === '') continue
    if (gap < 0) {
      missed += own.length
      continue
    }
    const from = { letters: at + gap, ms: Math.max(atMs, startMs) }
    const to = { letters: from.letters + own.length, ms: Math.max(from.ms, endMs) }
    knots.push(from, to)
    ;[at, missed, atMs] = [to.letters, 0, to.ms]
  }
  return knots
}

/** Between two words that follow each other, a start is the second's and an end the first's. */
function fromKnots(knots: readonly Knot[], letters: number, edge: 'start' | 'end'): number {
  const index =
    edge === 'start'
      ? knots.findLastIndex((knot) => knot.letters <= letters)
      : knots.findIndex((knot) => knot.letters >= letters)
  const knot = knots[index] as Knot
  const other = knots[edge === 'start' ? index + 1 : index - 1]
  if (!other || other.letters === knot.letters) return knot.ms
  const share = (letters - knot.letters) / (other.letters - knot.letters)
  return Math.round(knot.ms + share * (other.ms - knot.ms))
}
