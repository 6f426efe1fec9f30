import type { Segment, Word } from '@app/contracts'
import { planSegments } from './plan-segments.ts'

interface Element {
  type: string
  value: string
  ts?: number | null | undefined
  end_ts?: number | null | undefined
  confidence?: number | null | undefined
}

interface Monologue {
  speaker?: number | string | null | undefined
  elements: readonly Element[]
}

/** What is said that no recogniser understood has no times and is no word. */
const SPOKEN = 'text'
const PUNCTUATION = 'punct'
/** Stands before the word it belongs to. */
const OPENING = /^[([{¿¡«“‘„]+$/

/**
 * Rev.ai's monologues as segments between pauses, each of one speaker. Punctuation, which has no times of its own,
 * goes to the word before it; languages that are written without spaces stay so.
 */
export function planRevAiTranscript(monologues: readonly Monologue[]): Segment[] {
  const speakers = new Set(monologues.map(({ speaker }) => speaker ?? 0))
  return monologues.flatMap(({ speaker, elements }) => {
    return planSegments(wordsOf(elements), textOf(elements)).map((segment) => ({
      ...segment,
      // One voice alone is nobody's in particular.
      ...(speakers.size > 1 ? { speaker: `Speaker ${Number(speaker ?? 0) + 1 || speaker}` } : {}),
    }))
  })
}

/** Without what no words are made of. */
const textOf = (elements: readonly Element[]): string =>
  elements
    .map(({ type, value, ts }) => (type === PUNCTUATION || (type === SPOKEN && ts != null) ? value : ''))
    .join('')
    .replace(/\s+/gu, ' ')

function wordsOf(elements: readonly Element[]): Word[] {
  const words: Word[] = []
  let opening = ''
  for (const { type, value, ts, end_ts, confidence } of elements) {
    const text = value.trim()
    const last = words.at(-1)
    if (type === PUNCTUATION && OPENING.test(text)) opening += text
    else if (type === PUNCTUATION && last) last.text += text
    if (type !== SPOKEN || text === '' || ts === null || ts === undefined) continue
    const startMs = Math.round(ts * 1000)
    const endMs = Math.max(startMs, Math.round((end_ts ?? ts) * 1000))
    words.push({
      text: opening + text,
      startMs,
      endMs,
      ...(typeof confidence === 'number' ? { confidence: Math.min(1, Math.max(0, confidence)) } : {}),
    })
    opening = ''
  }
  return words
}
