import type { Word } from '@app/contracts'
import { type Heard, textOf } from '../hearing/heard.ts'

interface Element {
  type: 'text' | 'punct'
  value: string
  ts?: number
  end_ts?: number
  confidence?: number
}

/** One speaker's monologue: words with times to the hundredth, and what stands between them without any. */
export function transcriptJson({ words }: Heard) {
  if (words.length === 0) return { monologues: [] }
  const elements = words.flatMap((word, index) => [...(index > 0 ? [punct(' ')] : []), ...elementsOf(word)])
  return { monologues: [{ speaker: 0, elements }] }
}

/** As `text/plain`: speaker, time and words, with tabs and spaces between. */
export function transcriptText({ words }: Heard): string {
  if (words.length === 0) return ''
  const seconds = Math.floor((words[0]?.startMs ?? 0) / 1000)
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return `Speaker 0    ${clock.map((part) => String(part).padStart(2, '0')).join(':')}    ${textOf(words)}\n`
}

function elementsOf({ text, startMs, endMs, confidence }: Word): Element[] {
  const stops = /[.,!?;:"”’')\]]+$/.exec(text)?.[0] ?? ''
  const value = text.slice(0, text.length - stops.length)
  if (value === '') return [punct(text)]
  const spoken: Element = {
    type: 'text',
    value,
    ts: centi(startMs),
    end_ts: centi(endMs),
    confidence: confidence ?? 0.97,
  }
  return stops ? [spoken, punct(stops)] : [spoken]
}

function punct(value: string): Element {
  return { type: 'punct', value }
}

function centi(ms: number): number {
  return Math.round(ms / 10) / 100
}
