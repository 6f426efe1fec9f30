import { isUnspaced, joinWords, storableText, type Word, writtenWords } from '@app/contracts'
import type { HeardSegment } from '../speech/port.ts'
import { planSegments } from './plan-segments.ts'
import type { Span } from './plan-speech-spans.ts'
import { planSpread } from './plan-spread.ts'
import { likelyMs, shareTime } from './share-time.ts'

type Given<Value> = Value | null | undefined

/** A word as a provider gives it: any time may be missing, no number at all, or wrong. */
export interface RawWord {
  text: string
  startMs?: Given<number>
  endMs?: Given<number>
  confidence?: Given<number>
}

/** What a provider gives at a time: a segment, a monologue, or all of the text. */
export interface RawUtterance {
  text?: Given<string>
  startMs?: Given<number>
  endMs?: Given<number>
  words?: Given<readonly RawWord[]>
  speaker?: Given<string>
  confidence?: Given<number>
  averageLogProbability?: Given<number>
  noSpeechProbability?: Given<number>
}

/** Segments that last longer are broken where the speaker pauses. */
const LONGEST_SEGMENT_MS = 15_000

/**
 * Makes of what any provider gives what the contract promises: segments and words in order, apart, inside the sound,
 * whole milliseconds, none of them negative or missing. Words without times, or with times that run backwards, get
 * some inside their utterance (`timesEstimated`); utterances without any are laid over the stretches of speech between
 * their neighbours. An utterance without words is left out.
 */
export function planHeard(
  utterances: readonly RawUtterance[],
  sound: { durationMs: number; spans: readonly Span[] },
): HeardSegment[] {
  const drafts = inOrder(utterances.flatMap((utterance) => draftOf(utterance, sound.durationMs)))
  placeUntimed(drafts, sound)
  const timed = drafts.map((draft, index) => {
    const limitMs = drafts[index + 1]?.startMs ?? sound.durationMs
    return { ...draft, words: fillTimes(draft, limitMs) }
  })
  keepApart(timed.flatMap(({ words }) => words))
  return timed.flatMap(segmentsOf)
}

interface DraftWord {
  text: string
  startMs?: number
  endMs?: number
  confidence?: number
}

interface Draft {
  startMs?: number
  endMs?: number
  words: DraftWord[]
  text: string
  isEstimated: boolean
  /** No time of it is known: segments are made of it as the pauses have it. */
  isUntimed?: boolean
  more: Pick<HeardSegment, 'speaker' | 'confidence' | 'averageLogProbability' | 'noSpeechProbability'>
}

function draftOf(utterance: RawUtterance, durationMs: number): Draft[] {
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

/** Takes their times from words that stand outside the longest run of times that go forward. Answers whether any lacks one. */
function dropBackward(words: DraftWord[]): boolean {
  const kept = longestRise(words.map(({ startMs }) => startMs))
  for (const [index, word] of words.entries()) {
    if (!kept.has(index)) delete word.startMs
    if (word.startMs === undefined || (word.endMs ?? 0) < word.startMs) delete word.endMs
  }
  return words.some((word) => word.startMs === undefined || word.endMs === undefined)
}

/** Indices of the longest subsequence that never falls, by patience sorting. */
function longestRise(values: readonly (number | undefined)[]): Set<number> {
  const piles: number[] = []
  const before = new Map<number, number>()
  for (const [index, value] of values.entries()) {
    if (value === undefined) continue
    let [pile, above] = [0, piles.length]
    while (pile < above) {
      const middle = (pile + above) >> 1
      if ((values[piles[middle] as number] as number) > value) above = middle
      else pile = middle + 1
    }
    if (pile > 0) before.set(index, piles[pile - 1] as number)
    piles[pile] = index
  }
  const rise = new Set<number>()
  for (let index = piles.at(-1); index !== undefined; index = before.get(index)) rise.add(index)
  return rise
}

/** By their starts; one without any stays behind the one it came after. */
function inOrder(drafts: readonly Draft[]): Draft[] {
  let atMs = 0
  const keyed = drafts.map((draft) => {
    atMs = draft.startMs ?? atMs
    return { draft, atMs }
  })
  return keyed.toSorted((a, b) => a.atMs - b.atMs).map(({ draft }) => draft)
}

/** Utterances of which no time is known, with their neighbours in between: over the speech between these. */
function placeUntimed(drafts: readonly Draft[], sound: { durationMs: number; spans: readonly Span[] }): void {
  for (let first = 0; first < drafts.length; first += 1) {
    if (drafts[first]?.startMs !== undefined) continue
    let end = first
    while (end < drafts.length && drafts[end]?.startMs === undefined) end += 1
    const words = drafts.slice(first, end).flatMap((draft) => draft.words)
    const startMs = first === 0 ? 0 : endOf(drafts[first - 1] as Draft)
    const endMs = Math.max(startMs, drafts[end]?.startMs ?? sound.durationMs)
    const texts = words.map((word) => word.text)
    const times = planSpread(texts, sound.spans, { startMs, endMs })
    for (const [index, word] of words.entries()) Object.assign(word, times[index])
    for (const draft of drafts.slice(first, end)) {
      Object.assign(draft, { startMs: draft.words[0]?.startMs, isEstimated: true, isUntimed: true })
    }
    first = end
  }
}

function endOf({ startMs = 0, endMs, words }: Draft): number {
  return Math.max(startMs, endMs ?? 0, ...words.map((word) => word.endMs ?? word.startMs ?? 0))
}

/** Words between two whose times are known share the time between them. */
function fillTimes({ startMs = 0, endMs, words }: Draft, limitMs: number): Word[] {
  const filled: Word[] = []
  for (let first = 0; first < words.length; ) {
    const word = words[first] as DraftWord
    let next = first + 1
    while (next < words.length && words[next]?.startMs === undefined) next += 1
    const run = words.slice(word.startMs !== undefined && word.endMs !== undefined ? first + 1 : first, next)
    if (run.length < next - first) filled.push(word as Word)
    const fromMs = filled.at(-1)?.endMs ?? word.startMs ?? startMs
    const texts = run.map(({ text }) => text)
    const lastMs = Math.max(fromMs, Math.min(limitMs, endMs ?? fromMs + likelyMs(texts)))
    const toMs = Math.max(fromMs, words[next]?.startMs ?? lastMs)
    const from = run[0]?.startMs ?? fromMs
    const times = shareTime(texts, { startMs: from, endMs: Math.max(from, toMs) })
    filled.push(...run.map((each, index) => ({ ...each, ...(times[index] as Span) })))
    first = next
  }
  return filled
}

/** Whatever overlaps gives way: a word's end to the next one's start, that start to an end that can't go back. */
function keepApart(words: readonly Word[]): void {
  for (const [index, word] of words.entries()) {
    const previous = words[index - 1]
    if (!previous) continue
    previous.endMs = Math.min(previous.endMs, Math.max(previous.startMs, word.startMs))
    word.startMs = Math.max(word.startMs, previous.endMs)
    word.endMs = Math.max(word.endMs, word.startMs)
  }
}

function segmentsOf(draft: Omit<Draft, 'words'> & { words: Word[] }): HeardSegment[] {
  const { words, text, isEstimated, isUntimed = false, more } = draft
  const startMs = words[0]?.startMs ?? 0
  const endMs = words.at(-1)?.endMs ?? startMs
  const extras = { ...more, ...(isEstimated ? { timesEstimated: true } : {}) }
  if (!isUntimed && endMs - startMs <= LONGEST_SEGMENT_MS) return [{ startMs, endMs, text, words, ...extras }]
  return planSegments(words, text).map((segment) => ({ ...segment, ...extras }))
}
