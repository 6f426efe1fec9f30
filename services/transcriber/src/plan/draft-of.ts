import { isUnspaced, joinWords, storableText, writtenWords } from '@app/contracts'
import type { HeardSegment } from '../speech/port.ts'
import { longestRise } from './longest-rise.ts'
import type { Given, RawUtterance, RawWord } from './raw-utterance.ts'

/** A word as far as it is known: what it lacks, or has wrong, is given to it later. */
export interface DraftWord {
  text: string
  startMs?: number
  endMs?: number
  confidence?: number
}

/** An utterance with its words, in their order. */
export interface Draft {
  startMs?: number
  endMs?: number
  words: DraftWord[]
  text: string
  isEstimated: boolean
  /** No time of it is known: segments are made of it as the pauses have it. */
  isUntimed?: boolean
  more: Pick<HeardSegment, 'speaker' | 'confidence' | 'averageLogProbability' | 'noSpeechProbability'>
}

/** None where nothing is said. Times are whole milliseconds inside the sound, words' never fall; others are left out. */
export function draftOf(utterance: RawUtterance, durationMs: number): Draft[] {
  const text = storableText(utterance.text ?? '').trim()
  const tokens = writtenWords(text).map((word) => word.text)
  const given = (utterance.words ?? [])
    .map((word) => ({ ...word, text: storableText(word.text).trim() }))
    .filter((word) => word.text !== '')
  const raw: readonly RawWord[] = given.length > 0 ? given : tokens.map((token) => ({ text: token }))
  if (raw.length === 0) return []
  // As it is written, punctuation included, where that is plain.
  const written = areSame(tokens, raw) ? tokens : raw.map((word) => word.text)
  const words = raw.map(
    (word, index): DraftWord => ({
      text: written[index] as string,
      ...time('startMs', word.startMs, durationMs),
      ...time('endMs', word.endMs, durationMs),
      ...share('confidence', word.confidence),
    }),
  )
  const isEstimated = dropBackward(words)
  const first = words.find((word) => word.startMs !== undefined)
  return [
    {
      ...time('startMs', utterance.startMs ?? first?.startMs, durationMs),
      ...time('endMs', utterance.endMs, durationMs),
      words,
      text: text === '' ? joinWords(written) : text,
      isEstimated,
      more: {
        ...(utterance.speaker ? { speaker: storableText(utterance.speaker) } : {}),
        ...share('confidence', utterance.confidence),
        ...finite('averageLogProbability', utterance.averageLogProbability),
        ...share('noSpeechProbability', utterance.noSpeechProbability),
      },
    },
  ]
}

/** What is a word where no spaces stand is a matter of opinion: as many of them need not be the same ones. */
const areSame = (tokens: readonly string[], raw: readonly RawWord[]): boolean =>
  tokens.length === raw.length &&
  tokens.every((token, index) => !isUnspaced(token) || token.includes(raw[index]?.text ?? ''))

/** A field with the number as `shape` makes it; left out where none was given. */
function finite<Key extends string>(key: Key, value: Given<number>, shape = (given: number) => given) {
  if (typeof value !== 'number' || !Number.isFinite(value)) return {}
  return { [key]: shape(value) } as { [key in Key]: number }
}

const time = <Key extends string>(key: Key, value: Given<number>, durationMs: number) =>
  finite(key, value, (ms) => Math.min(Math.max(0, Math.round(ms)), durationMs))

const share = <Key extends string>(key: Key, value: Given<number>) =>
  finite(key, value, (given) => Math.min(Math.max(0, given), 1))

/** Takes their times from words outside the longest run of times that go forward. Answers whether any lacks one. */
function dropBackward(words: DraftWord[]): boolean {
  const kept = longestRise(words.map(({ startMs }) => startMs))
  for (const [index, word] of words.entries()) {
    if (!kept.has(index)) delete word.startMs
    if (word.startMs === undefined || (word.endMs ?? 0) < word.startMs) delete word.endMs
  }
  return words.some((word) => word.startMs === undefined || word.endMs === undefined)
}
