import { comparableWords } from '@app/contracts'
import { seededRandom } from './seeded-random.ts'

interface TimedLine {
  text: string
  startMs: number
  endMs: number
}

/** Words of a book to search for, and where they truly are. */
export interface Phrase {
  query: string
  /** Among the book's chapters, from 0. */
  chapterIndex: number
  /** From the start of its chapter. */
  startMs: number
}

/** As many as people remember of a sentence; fewer may be misheard to the last one. */
const [FEWEST_WORDS, MOST_WORDS] = [7, 9]

/**
 * A few words said in one breath, at one place of the book only. The same seed draws the same phrase.
 * A line's own place is exact; within it, time is shared out by letters, which is right to about half a second.
 * Undefined where no line is long enough.
 */
export function drawPhrase(
  chapters: readonly { lines: readonly TimedLine[] }[],
  seed: number,
): Phrase | undefined {
  const all = chapters.flatMap(({ lines }, chapterIndex) =>
    lines.flatMap((line) => phrasesOf(line, chapterIndex)),
  )
  const times = countsOf(all.map(({ query }) => keyOf(query)))
  const single = all.filter(({ query }) => times.get(keyOf(query)) === 1)
  return single[Math.floor(seededRandom(seed)() * single.length)]
}

function phrasesOf({ text, startMs, endMs }: TimedLine, chapterIndex: number): Phrase[] {
  const words = [...text.matchAll(/[^\s—]+/gu)].map((match) => ({ text: match[0], at: match.index }))
  const phrases: Phrase[] = []
  for (let count = FEWEST_WORDS; count <= MOST_WORDS; count += 1) {
    for (const [first, { at }] of words.slice(0, Math.max(0, words.length - count + 1)).entries()) {
      const said = words.slice(first, first + count).map((word) => word.text)
      const offsetMs = Math.round(((endMs - startMs) * at) / text.length)
      phrases.push({ query: plain(said.join(' ')), chapterIndex, startMs: startMs + offsetMs })
    }
  }
  return phrases
}

/** As people type it: without the marks around it. */
function plain(words: string): string {
  return words.replaceAll(/[“”"()]/g, '').replace(/^\P{L}+|\P{L}+$/gu, '')
}

function keyOf(query: string): string {
  return comparableWords(query).join(' ')
}

function countsOf(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}
