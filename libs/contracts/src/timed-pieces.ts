import { letterTimes } from './letter-times.ts'
import type { Segment, Word } from './transcript.ts'
import { isUnspaced, type Piece, piecesOf, wordsIn } from './word-pieces.ts'

type Timed = Pick<Segment, 'startMs' | 'endMs' | 'text' | 'words'>

/**
 * A segment's words as they are written in its text, punctuation included, each with its time; `within` says of which
 * one between spaces consists. Providers give words without punctuation, and of scripts without spaces words, letters
 * or sentences: their times are laid over the letters of the text. Where there are none, or none is found in the text,
 * a word's share of the segment's time is its share of the letters. All of the text, in order, inside the segment.
 */
export function timedPieces(
  segment: Timed,
  within: (written: string) => readonly string[] = wordsIn,
): Piece[] {
  const { text, words } = segment
  const written = text.split(/\s+/u).filter((each) => each !== '')
  if (written.length === 0) return words.map((word) => ({ ...word, isApart: true }))
  const isEach = words.length === written.length
  if (!isEach || isUnspaced(text)) {
    const parts = written.flatMap((each) =>
      within(each).map((part, index) => ({ text: part, isApart: index === 0 })),
    )
    const pieces = letterTimes(segment, parts)
    if (pieces) return pieces
  }
  const timed = isEach ? words : shareTime(written, segment)
  return written.flatMap((each, index) => piecesOf({ ...(timed[index] as Word), text: each }, within(each)))
}

function shareTime(texts: readonly string[], { startMs, endMs }: Timed): Word[] {
  // One more than each word's letters, for the gap to the next.
  const letters = texts.reduce((sum, text) => sum + text.length + 1, -1)
  const at = (before: number) => startMs + Math.round(((endMs - startMs) * before) / letters)
  let before = 0
  return texts.map((text) => {
    const word = { text, startMs: at(before), endMs: at(before + text.length) }
    before += text.length + 1
    return word
  })
}
