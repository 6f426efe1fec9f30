import { comparableWords, type Segment, timedWords, type Word } from '@app/contracts'

/** A word as passages are made of. */
export interface SpokenWord extends Word {
  /** Whether a space stands before it. */
  isApart: boolean
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
 * a segment is one "word"; such are taken apart, by Unicode's rules and dictionaries, their time shared by letters.
 */
export function spokenWords(segments: readonly Segment[]): SpokenWord[] {
  const words: SpokenWord[] = []
  let hasEnded = true
  for (const segment of segments) {
    for (const [index, word] of timedWords(segment).entries()) {
      for (const [part, piece] of piecesOf(word).entries()) {
        const isFirst = index === 0 && part === 0
        const begins = hasEnded ? 'sentence' : isFirst ? 'segment' : undefined
        words.push({ ...piece, isApart: part === 0, begins })
        hasEnded = SENTENCE_END.test(piece.text) && !ABBREVIATION.test(piece.text)
      }
    }
  }
  return words
}

function piecesOf(word: Word): Word[] {
  if (word.text.length <= LONGEST_WORD && comparableWords(word.text).length < 4) return [word]
  const texts = takenApart(word.text)
  const letters = texts.reduce((sum, text) => sum + text.length, 0)
  const timeAt = (before: number) =>
    word.startMs + Math.round(((word.endMs - word.startMs) * before) / Math.max(1, letters))
  let before = 0
  return texts.map((text) => {
    const piece = { ...word, text, startMs: timeAt(before), endMs: timeAt(before + text.length) }
    before += text.length
    return piece
  })
}

/** Punctuation stays with the word before it. */
function takenApart(text: string): string[] {
  const pieces: string[] = []
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (!isWordLike && pieces.length > 0) pieces.push(`${pieces.pop()}${segment}`)
    else pieces.push(segment)
  }
  return pieces.flatMap(cutNoise)
}

const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

function cutNoise(text: string): string[] {
  const letters = [...text]
  if (letters.length <= LONGEST_WORD) return [text]
  return Array.from({ length: Math.ceil(letters.length / LONGEST_WORD) }, (_, part) =>
    letters.slice(part * LONGEST_WORD, (part + 1) * LONGEST_WORD).join(''),
  )
}
