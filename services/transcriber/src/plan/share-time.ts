import type { Span } from './plan-speech-spans.ts'

/** Speech as fast as any is: 25 letters a second. */
const MS_PER_LETTER = 40
/** A word's share is its letters and the gap behind it. */
export const lettersOf = (text: string): number => text.length + 1

/** How long so many words may take where only their beginning is known. */
export function likelyMs(texts: readonly string[]): number {
  return 2 * MS_PER_LETTER * texts.reduce((sum, text) => sum + lettersOf(text), 0)
}

/** Times for words that are spoken somewhere inside a stretch: each one's share of it is its share of the letters. */
export function shareTime(texts: readonly string[], { startMs, endMs }: Span): Span[] {
  const letters = texts.reduce((sum, text) => sum + lettersOf(text), 0)
  const at = (before: number) => startMs + Math.round(((endMs - startMs) * before) / letters)
  let before = 0
  return texts.map((text) => {
    const times = { startMs: at(before), endMs: at(before + lettersOf(text)) }
    before += lettersOf(text)
    return times
  })
}
