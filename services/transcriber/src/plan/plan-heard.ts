import type { Word } from '@app/contracts'
import type { HeardSegment } from '../speech/port.ts'
import { type Draft, type DraftWord, draftOf } from './draft-of.ts'
import { planSegments } from './plan-segments.ts'
import type { Span } from './plan-speech-spans.ts'
import { planSpread } from './plan-spread.ts'
import type { RawUtterance } from './raw-utterance.ts'
import { likelyMs, shareTime } from './share-time.ts'

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
