import type { Word } from './transcript.ts'

/** A word, or the part of one that is a word by itself where a script puts no spaces between words. */
export interface Piece extends Word {
  /** Whether a space stands before it. */
  isApart: boolean
}

const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Whether a text has letters of a script that puts no spaces between words: a sentence there is written as one word. */
export const isUnspaced = (text: string): boolean => UNSPACED.test(text)

/** The words that one without spaces consists of, by Unicode's rules and dictionaries; punctuation stays with the one before it. */
export function wordsWithin(text: string): string[] {
  const words: string[] = []
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    if (!isWordLike && words.length > 0) words.push(`${words.pop()}${segment}`)
    else words.push(segment)
  }
  return words
}

const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** A word as the pieces it is written of: its time is shared by letters. */
export function piecesOf(word: Word, texts: readonly string[]): Piece[] {
  const letters = texts.reduce((sum, text) => sum + text.length, 0)
  const timeAt = (before: number) =>
    word.startMs + Math.round(((word.endMs - word.startMs) * before) / Math.max(1, letters))
  let before = 0
  return texts.map((text, index) => {
    const piece = { ...word, text, startMs: timeAt(before), endMs: timeAt(before + text.length) }
    before += text.length
    return { ...piece, isApart: index === 0 }
  })
}

/** As they are written one after the other. */
export const joinPieces = (pieces: readonly Pick<Piece, 'text' | 'isApart'>[]): string =>
  pieces.map(({ text, isApart }, index) => (index > 0 && isApart ? ` ${text}` : text)).join('')
