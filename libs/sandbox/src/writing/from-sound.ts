import { type Heard, phrasesOf, textOf } from '../hearing/heard.ts'
import type { Item } from './read-text.ts'

/** What was said as the items of a list: words where single words are asked for, phrases else. */
export function spokenItems({ words }: Heard, names: readonly string[]): Item[] {
  const isOfWords = names.includes('word')
  const pieces = isOfWords ? words.map((word) => [word]) : phrasesOf(words)
  return pieces.map((piece, id) => {
    const [startMs, endMs] = [piece[0]?.startMs ?? 0, piece.at(-1)?.endMs ?? 0]
    const text = textOf(piece)
    const times = Object.fromEntries(names.flatMap((name) => timeOf(name, startMs, endMs)))
    return { id, text, given: { ...times, ...(names.includes('speaker') ? { speaker: 'Speaker 1' } : {}) } }
  })
}

/** Seconds, or milliseconds where the name says so. */
function timeOf(name: string, startMs: number, endMs: number): [string, number][] {
  const ms = /start|begin|from/i.test(name) ? startMs : /end|stop|until/i.test(name) ? endMs : undefined
  if (ms === undefined) return []
  return [[name, /ms$|millis/i.test(name) ? ms : ms / 1000]]
}

/** A time asked for as text: MM:SS, as Gemini writes it. */
export function timed(name: string, { given }: Item): string | undefined {
  const seconds = given[name]
  if (typeof seconds !== 'number' || !/start|begin|from|end|stop|until/i.test(name)) return undefined
  const parts = [Math.floor(seconds / 60), Math.floor(seconds % 60)]
  return parts.map((part) => String(part).padStart(2, '0')).join(':')
}
