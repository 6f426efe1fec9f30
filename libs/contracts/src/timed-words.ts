import type { Segment, Word } from './transcript.ts'

/**
 * A segment's words as they are written in its text, punctuation included, each with its time.
 * Providers give word times without punctuation, or none at all; then a word's share of the segment's time
 * is its share of the letters. Answers as many words as the text has, in order, inside the segment.
 */
export function timedWords(segment: Pick<Segment, 'startMs' | 'endMs' | 'text' | 'words'>): Word[] {
  const written = segment.text.split(/\s+/u).filter((text) => text !== '')
  if (written.length === segment.words.length) {
    return segment.words.map((word, index) => ({ ...word, text: written[index] ?? word.text }))
  }
  return segment.words.length > 0 && written.length === 0 ? [...segment.words] : shareTime(written, segment)
}

function shareTime(texts: readonly string[], { startMs, endMs }: { startMs: number; endMs: number }): Word[] {
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
