import type { Word } from './transcript.ts'
import { comparableWords } from './word-error-rate.ts'
import { joinPieces, type Piece, searchableText } from './word-pieces.ts'

/** Where a query is said. */
export interface QuotePlace {
  startMs: number
  endMs: number
  text: string
  /** Share of the query that was found, from 0 to 1; misheard words count in part. */
  score: number
}

/** Less of the query than this is coincidence: most passages share a function word with most queries. */
const LEAST_SCORE = 0.2
/** Trigrams two words must share to be the same word misheard: "twinkled" and "twinkle" share 0.8. */
const LEAST_LIKENESS = 0.45
/** For each word of a window beyond the query's own length: the shorter of two equal windows wins. */
const PER_EXTRA_WORD = 0.01
const IN_ORDER = 0.1

/**
 * The stretch of a passage that says most of a query in the fewest words, whatever the order, misheard words
 * included; undefined where nothing of it is said. Words of the query that were not recognised at its
 * beginning or end are taken to be the words beside the window, so the time is that of the whole quote.
 */
export function locateQuote(
  words: readonly (Word & Partial<Piece>)[],
  query: string,
): QuotePlace | undefined {
  const wanted = weighted(query)
  if (wanted.length === 0) return undefined
  const matches = words.map((word) => matchesOf(word.text, wanted))
  const window = bestWindow(matches, wanted)
  if (!window || window.score < LEAST_SCORE) return undefined

  const from = Math.max(0, window.start - window.missingBefore)
  const to = Math.min(words.length, window.end + window.missingAfter)
  const quoted = words.slice(from, to)
  return {
    startMs: quoted[0]?.startMs ?? 0,
    endMs: quoted.at(-1)?.endMs ?? 0,
    text: joinPieces(quoted),
    score: window.score,
  }
}

interface WantedWord {
  text: string
  trigrams: ReadonlySet<string>
  /** Share of the query; short words are mostly function words and say little about the place. */
  weight: number
}

interface Window {
  start: number
  end: number
  score: number
  missingBefore: number
  missingAfter: number
}

function weighted(query: string): WantedWord[] {
  const texts = comparableWords(searchableText(query))
  const lengths = texts.map((text) => (text.length <= 3 ? 1 : Math.min(6, text.length)))
  const total = lengths.reduce((sum, length) => sum + length, 0)
  return texts.map((text, index) => ({
    text,
    trigrams: trigramsOf(text),
    weight: (lengths[index] ?? 0) / total,
  }))
}

/** How much a said word is like each wanted one, from 0 to 1. */
function matchesOf(said: string, wanted: readonly WantedWord[]): number[] {
  // "ill-disposed" is written as one word and compared as two: the better one counts.
  const parts = comparableWords(said).map((text) => ({ text, trigrams: trigramsOf(text) }))
  return wanted.map((word) => Math.max(0, ...parts.map((part) => likeness(part, word))))
}

function likeness(a: { text: string; trigrams: ReadonlySet<string> }, b: WantedWord): number {
  if (a.text === b.text) return 1
  const shared = [...a.trigrams].filter((trigram) => b.trigrams.has(trigram)).length
  const dice = (2 * shared) / (a.trigrams.size + b.trigrams.size)
  return dice >= LEAST_LIKENESS ? dice : 0
}

function trigramsOf(word: string): Set<string> {
  const letters = [...`^${word}$`]
  return new Set(letters.slice(2).map((_, index) => letters.slice(index, index + 3).join('')))
}

/** Tries every window that begins with a match and is at most twice as long as the query. */
function bestWindow(matches: readonly number[][], wanted: readonly WantedWord[]): Window | undefined {
  let best: { window: Window; rank: number } | undefined
  for (const [start, first] of matches.entries()) {
    if (!first.some((match) => match > 0)) continue
    const found = wanted.map(() => ({ match: 0, at: -1 }))
    for (let at = start; at < Math.min(matches.length, start + wanted.length * 2 + 2); at += 1) {
      if (!take(found, matches[at] ?? [], at)) continue
      const window = windowOf(found, wanted, start, at + 1)
      const rank =
        window.score +
        orderOf(found) * IN_ORDER -
        Math.max(0, at + 1 - start - wanted.length) * PER_EXTRA_WORD
      if (!best || rank > best.rank + 1e-9) best = { window, rank }
    }
  }
  return best?.window
}

/** Keeps the best match of each wanted word; whether this word bettered any. One said word answers one wanted word. */
function take(found: { match: number; at: number }[], matches: readonly number[], at: number): boolean {
  let pick = -1
  let gain = 0
  for (const [index, match] of matches.entries()) {
    const better = match - (found[index]?.match ?? 0)
    if (better > gain) [pick, gain] = [index, better]
  }
  if (pick >= 0) found[pick] = { match: matches[pick] ?? 0, at }
  return pick >= 0
}

function windowOf(
  found: readonly { match: number }[],
  wanted: readonly WantedWord[],
  start: number,
  end: number,
): Window {
  const score = wanted.reduce((sum, { weight }, index) => sum + weight * (found[index]?.match ?? 0), 0)
  const isFound = found.map(({ match }) => match > 0)
  const missingBefore = isFound.indexOf(true)
  const missingAfter = wanted.length - 1 - isFound.lastIndexOf(true)
  return { start, end, score: Math.min(1, score), missingBefore, missingAfter }
}

/** Share of neighbouring wanted words that were said as neighbours, in this order. */
function orderOf(found: readonly { at: number }[]): number {
  const inOrder = found.filter(({ at }, index) => at >= 0 && found[index - 1]?.at === at - 1).length
  return found.length > 1 ? inOrder / (found.length - 1) : 0
}
