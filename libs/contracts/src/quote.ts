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
  const matchesOf = matcher(wanted)
  const matches = words.map((word) => matchesOf(word.text))
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

/** How much a said word is like a wanted one, from 0 to 1. */
interface Match {
  index: number
  likeness: number
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

/** Answers for a said word which wanted ones it is like, in their order. Most are like none: only those count. */
function matcher(wanted: readonly WantedWord[]): (said: string) => readonly Match[] {
  const withTrigram = new Map<string, number[]>()
  for (const [index, { trigrams }] of wanted.entries()) {
    for (const trigram of trigrams) withTrigram.set(trigram, [...(withTrigram.get(trigram) ?? []), index])
  }
  const known = new Map<string, readonly Match[]>()
  return (said) => {
    const matches = known.get(said) ?? matchesOf(said, wanted, withTrigram)
    known.set(said, matches)
    return matches
  }
}

function matchesOf(
  said: string,
  wanted: readonly WantedWord[],
  withTrigram: ReadonlyMap<string, readonly number[]>,
): Match[] {
  const best = new Map<number, number>()
  // "ill-disposed" is written as one word and compared as two: the better one counts.
  for (const part of comparableWords(said)) {
    const trigrams = trigramsOf(part)
    const candidates = new Set([...trigrams].flatMap((trigram) => withTrigram.get(trigram) ?? []))
    for (const index of candidates) {
      const like = likeness({ text: part, trigrams }, wanted[index] as WantedWord)
      if (like > (best.get(index) ?? 0)) best.set(index, like)
    }
  }
  return [...best].map(([index, likeness]) => ({ index, likeness })).sort((a, b) => a.index - b.index)
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
function bestWindow(
  matches: readonly (readonly Match[])[],
  wanted: readonly WantedWord[],
): Window | undefined {
  let best: { window: Window; rank: number } | undefined
  for (const [start, first] of matches.entries()) {
    if (first.length === 0) continue
    const found = foundSoFar(wanted)
    for (let at = start; at < Math.min(matches.length, start + wanted.length * 2 + 2); at += 1) {
      if (!found.take(matches[at] ?? [], at)) continue
      const extra = Math.max(0, at + 1 - start - wanted.length)
      const rank = found.score() + found.order() * IN_ORDER - extra * PER_EXTRA_WORD
      if (!best || rank > best.rank + 1e-9) best = { window: found.window(start, at + 1), rank }
    }
  }
  return best?.window
}

/** The best match of each wanted word in a window, and what they come to: kept up, for windows are many. */
function foundSoFar(wanted: readonly WantedWord[]) {
  const likenesses = wanted.map(() => 0)
  const places = wanted.map(() => -1)
  let score = 0
  let inOrder = 0
  /** Whether a wanted word was said right behind the one before it. */
  const follows = (index: number) =>
    Number((places[index] ?? -1) > 0 && places[index - 1] === (places[index] ?? 0) - 1)
  const neighbours = (index: number) => follows(index) + follows(index + 1)

  return {
    /** Whether this said word bettered any. It answers one wanted word. */
    take(matches: readonly Match[], at: number): boolean {
      let pick = -1
      let gain = 0
      for (const { index, likeness } of matches) {
        const better = likeness - (likenesses[index] ?? 0)
        if (better > gain) [pick, gain] = [index, better]
      }
      if (pick < 0) return false
      inOrder -= neighbours(pick)
      likenesses[pick] = (likenesses[pick] ?? 0) + gain
      places[pick] = at
      inOrder += neighbours(pick)
      score += gain * (wanted[pick]?.weight ?? 0)
      return true
    },

    score: () => score,

    /** Share of neighbouring wanted words that were said as neighbours, in this order. */
    order: () => (wanted.length > 1 ? inOrder / (wanted.length - 1) : 0),

    window(start: number, end: number): Window {
      const missingBefore = places.findIndex((place) => place >= 0)
      const missingAfter = wanted.length - 1 - places.findLastIndex((place) => place >= 0)
      // Added up anew: what was added bit by bit is not quite 1 where all is found.
      const whole = wanted.reduce((sum, { weight }, index) => sum + weight * (likenesses[index] ?? 0), 0)
      return { start, end, score: Math.min(1, whole), missingBefore, missingAfter }
    },
  }
}
