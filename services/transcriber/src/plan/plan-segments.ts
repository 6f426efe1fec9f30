import type { Segment, Word } from '@app/contracts'
import { writtenTextOf } from './written-text.ts'

/** Readers and subtitles break where the speaker does. */
const PAUSE_MS = 400
/** Longer than this is hard to read in one piece, so it is broken at its longest inner pause. */
const LONGEST_SEGMENT_MS = 15_000

/** Words in order, as segments between pauses, written as `text` has them. Every word is in exactly one segment. */
export function planSegments(words: readonly Word[], text?: string): Segment[] {
  const phrases: Word[][] = []
  for (const word of words) {
    const phrase = phrases.at(-1)
    const previous = phrase?.at(-1)
    if (phrase && previous && word.startMs - previous.endMs < PAUSE_MS) phrase.push(word)
    else phrases.push([word])
  }
  const textOf = writtenTextOf(words, text)
  let from = 0
  return phrases.flatMap(breakLong).map((phrase) => {
    const written = textOf(from, from + phrase.length)
    from += phrase.length
    return {
      startMs: phrase[0]?.startMs ?? 0,
      endMs: phrase.at(-1)?.endMs ?? 0,
      text: written,
      words: phrase,
    }
  })
}

function breakLong(words: Word[]): Word[][] {
  const first = words[0]
  const last = words.at(-1)
  if (!first || !last || words.length < 2 || last.endMs - first.startMs <= LONGEST_SEGMENT_MS) return [words]

  const at = longestPause(words, (first.startMs + last.endMs) / 2)
  return [...breakLong(words.slice(0, at)), ...breakLong(words.slice(at))]
}

/** Index of the word after the longest pause; among equal ones, that nearest to the middle. */
function longestPause(words: readonly Word[], middleMs: number): number {
  let best = { at: 1, pauseMs: -1, distanceMs: 0 }
  for (let at = 1; at < words.length; at += 1) {
    const before = words[at - 1] as Word
    const after = words[at] as Word
    const pauseMs = after.startMs - before.endMs
    const distanceMs = Math.abs(after.startMs - middleMs)
    const longer = pauseMs > best.pauseMs || (pauseMs === best.pauseMs && distanceMs < best.distanceMs)
    if (longer) best = { at, pauseMs, distanceMs }
  }
  return best.at
}
