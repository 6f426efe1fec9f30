import type { Word } from './transcript.ts'

/** A word, or the part of one that is a word by itself where a script puts no spaces between words. */
export interface Piece extends Word {
  /** Whether a space stands before it. */
  isApart: boolean
}

const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u

/** Whether a text has letters of a script that puts no spaces between words: a sentence there is written as one word. */
export const isUnspaced = (text: string): boolean => UNSPACED.test(text)

/**
 * The words that one without spaces consists of, by Unicode's rules and dictionaries; punctuation stays with the one
 * before it, what opens a bracket or a quotation with the one after it.
 */
export function wordsWithin(text: string): string[] {
  const words: string[] = []
  let opening = ''
  for (const { segment, isWordLike } of segmenter.segment(text)) {
    const isOpening = OPENING.test(segment)
    if (isOpening || (opening !== '' && !isWordLike)) opening += segment
    else if (isWordLike || words.length === 0) words.push(opening + segment)
    else words.push(`${words.pop()}${segment}`)
    if (isWordLike) opening = ''
  }
  if (opening !== '') words.push(`${words.pop() ?? ''}${opening}`)
  return words
}

const OPENING = /^[\p{Ps}\p{Pi}]+$/u
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** As they are searched: of Chinese and Japanese each character, for what a word is depends on those beside it. */
const searchWordsWithin = (text: string): string[] =>
  wordsWithin(text).flatMap((word) => word.split(BEFORE_CHARACTER))

const BEFORE_CHARACTER = /(?!^)(?<![\p{Ps}\p{Pi}])(?=[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}])/u

/** The words that one between spaces consists of, as they are read: itself, where its script has spaces. */
export const wordsIn = (written: string): string[] => (isUnspaced(written) ? wordsWithin(written) : [written])

/** The same as they are searched. */
export const searchWordsIn = (written: string): string[] =>
  isUnspaced(written) ? searchWordsWithin(written) : [written]

/** A text's words in any script, to be joined by `joinPieces`. */
export const writtenWords = (text: string): { text: string; isApart: boolean }[] =>
  text
    .split(/\s+/u)
    .filter((written) => written !== '')
    .flatMap((written) => wordsIn(written).map((word, index) => ({ text: word, isApart: index === 0 })))

/** How many words a text has, in any script; a dash or an ellipsis that stands by itself is none. */
export const countWords = (text: string): number =>
  writtenWords(text).filter((written) => /[\p{L}\p{N}]/u.test(written.text)).length

/** A text with spaces between all words that are searched by themselves. */
export function searchableText(text: string): string {
  if (!isUnspaced(text)) return text
  return text.split(/\s+/).flatMap(searchWordsIn).join(' ')
}

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
export const joinPieces = (pieces: readonly { text: string; isApart?: boolean }[]): string =>
  pieces.map(({ text, isApart = true }, index) => (index > 0 && isApart ? ` ${text}` : text)).join('')

/** What stands between two texts that follow each other: a space, but nothing where Chinese or Japanese goes on. */
export const spaceBetween = (before: string, after: string): '' | ' ' =>
  CHARACTER_AT_END.test(before.slice(-2)) && CHARACTER_AT_START.test(after) ? '' : ' '

/** Texts one after the other, as `spaceBetween` has them; empty ones are left out. */
export const joinTexts = (texts: readonly string[]): string =>
  texts
    .filter((text) => text !== '')
    .map((text, index, all) => (index > 0 ? spaceBetween(all[index - 1] ?? '', text) : '') + text)
    .join('')

/** Words that were heard one after the other as they are written: with spaces, but none between two of a script without. */
export const joinWords = (words: readonly string[]): string =>
  words
    .map((word, index) => {
      const before = words[index - 1]?.slice(-2) ?? ''
      return index === 0 || (UNSPACED_AT_END.test(before) && UNSPACED_AT_START.test(word)) ? word : ` ${word}`
    })
    .join('')

// With the marks of both of Japan's scripts, that for long vowels among them.
const CHARACTERS = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3001-\u303f\u30fb\u30fc\uff01-\uff5e`
const SYLLABLES = String.raw`\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}`
const CHARACTER_AT_END = new RegExp(`[${CHARACTERS}]$`, 'u')
const CHARACTER_AT_START = new RegExp(`^[${CHARACTERS}]`, 'u')
const UNSPACED_AT_END = new RegExp(`[${CHARACTERS}${SYLLABLES}]$`, 'u')
const UNSPACED_AT_START = new RegExp(`^[${CHARACTERS}${SYLLABLES}]`, 'u')
