import type { Word } from '@app/contracts'

/** Sound that a provider was given, on this machine's disk, in whatever format it came. */
export interface Sound {
  path: string
  sha256: string
  durationMs: number
}

/** What was said in it: words in order with their times, written with capitals and stops. */
export interface Heard {
  durationMs: number
  words: Word[]
  /** ISO 639-1. */
  language: string
}

/** The ear of the sandbox. Times are milliseconds inside the sound. */
export type Hear = (sound: Sound, signal: AbortSignal) => Promise<Word[]>

/** Readers break where the speaker does. */
const PAUSE_MS = 400
const LONGEST_PHRASE_WORDS = 40

/** Words between two pauses. */
export function phrasesOf(words: readonly Word[]): Word[][] {
  const phrases: Word[][] = []
  for (const word of words) {
    const phrase = phrases.at(-1)
    const last = phrase?.at(-1)
    const goesOn = last && word.startMs - last.endMs < PAUSE_MS && !/[.!?]$/.test(last.text)
    if (phrase && goesOn && phrase.length < LONGEST_PHRASE_WORDS) phrase.push(word)
    else phrases.push([word])
  }
  return phrases
}

/** The words as they are read. */
export function textOf(words: readonly Pick<Word, 'text'>[]): string {
  return words.map(({ text }) => text).join(' ')
}
