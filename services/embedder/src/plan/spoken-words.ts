import { comparableWords, type Piece, type Segment, timedPieces, wordsWithin } from '@app/contracts'

/** A word as passages are made of. */
export interface SpokenWord extends Piece {
  /** Whether a sentence may begin with it: the word before ended one, or a segment. */
  begins: 'sentence' | 'segment' | undefined
}

/** No word of a script with spaces has more letters; what is longer is several, or noise. */
const LONGEST_WORD = 30
const SENTENCE_END = /[.!?…。！？।]["'”’»)\]]*$/u
/** After which a full stop ends no sentence. */
const ABBREVIATION = /^(?:\p{Lu}|Mr|Mrs|Ms|Dr|St|Prof|Rev|Capt|Col|Gen|No|vs|etc)\.$/u

/**
 * All words of a transcript with their times. Where a script puts no spaces between words (Chinese, Japanese, Thai, …)
 * a segment is one "word"; such are taken apart, by Unicode's rules and dictionaries.
 */
export function spokenWords(segments: readonly Segment[]): SpokenWord[] {
  const words: SpokenWord[] = []
  let hasEnded = true
  for (const segment of segments) {
    for (const [index, piece] of timedPieces(segment, partsOf).entries()) {
      const begins = hasEnded ? 'sentence' : index === 0 ? 'segment' : undefined
      words.push({ ...piece, begins })
      hasEnded = SENTENCE_END.test(piece.text) && !ABBREVIATION.test(piece.text)
    }
  }
  return words
}

function partsOf(written: string): string[] {
  const isOne = written.length <= LONGEST_WORD && comparableWords(written).length < 4
  return isOne ? [written] : wordsWithin(written).flatMap(cutNoise)
}

function cutNoise(text: string): string[] {
  const letters = [...text]
  if (letters.length <= LONGEST_WORD) return [text]
  return Array.from({ length: Math.ceil(letters.length / LONGEST_WORD) }, (_, part) =>
    letters.slice(part * LONGEST_WORD, (part + 1) * LONGEST_WORD).join(''),
  )
}
