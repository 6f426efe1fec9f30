import type { Span } from './plan-speech-spans.ts'
import { lettersOf } from './share-time.ts'

/** A sentence that would end this near to a pause ends there. */
const SNAP_MS = 1_500
const SENTENCE_ENDS = /[.!?…。！？]["'”’)\]]*$/u

/**
 * Times for words of which none is known, in a sound of which it is known where it is loud enough for speech.
 *
 * Words are laid over the speech with the pauses taken out, each with its share of the letters; where a sentence ends
 * near a pause, it ends at the pause, so that an error does not grow from one sentence to the next. A word lies inside
 * one stretch of speech. Without any, `within` is shared.
 */
export function planSpread(texts: readonly string[], spans: readonly Span[], within: Span): Span[] {
  const stretches = insideOf(spans, within)
  const axis = speechAxis(stretches.length > 0 ? stretches : [within])
  const letters = texts.reduce((sum, text) => sum + lettersOf(text), 0)
  const anchors = sentenceAnchors(texts, axis, letters)
  let before = 0
  let anchor = 0
  return texts.map((text) => {
    while (before >= (anchors[anchor + 1]?.letters ?? Number.POSITIVE_INFINITY)) anchor += 1
    const from = axis.timeOf(between(anchors, anchor, before))
    before += lettersOf(text)
    const to = axis.timeOf(between(anchors, anchor, before), 'end')
    return axis.insideOneStretch(from, to)
  })
}

function insideOf(spans: readonly Span[], { startMs, endMs }: Span): Span[] {
  return spans
    .map((span) => ({ startMs: Math.max(span.startMs, startMs), endMs: Math.min(span.endMs, endMs) }))
    .filter((span) => span.endMs > span.startMs)
}

interface Anchor {
  /** So many letters … */
  letters: number
  /** … are spoken when so much speech is over. */
  spokenMs: number
}

/** Where sentences end on the axis of speech without pauses: the beginning, those that a pause confirms, and the end. */
function sentenceAnchors(texts: readonly string[], axis: SpeechAxis, letters: number): Anchor[] {
  const anchors: Anchor[] = [{ letters: 0, spokenMs: 0 }]
  let before = 0
  for (const text of texts.slice(0, -1)) {
    before += lettersOf(text)
    if (!SENTENCE_ENDS.test(text)) continue
    const last = anchors.at(-1) as Anchor
    const share = (before - last.letters) / (letters - last.letters)
    const pause = axis.pauseNear(last.spokenMs + share * (axis.spokenMs - last.spokenMs))
    if (pause !== undefined && pause > last.spokenMs) anchors.push({ letters: before, spokenMs: pause })
  }
  anchors.push({ letters, spokenMs: axis.spokenMs })
  return anchors
}

function between(anchors: readonly Anchor[], index: number, letters: number): number {
  const from = anchors[index] as Anchor
  const to = anchors[index + 1] ?? from
  const share = to.letters > from.letters ? (letters - from.letters) / (to.letters - from.letters) : 0
  return from.spokenMs + share * (to.spokenMs - from.spokenMs)
}

interface SpeechAxis {
  spokenMs: number
  /** The time at which so much speech is over; of a pause its start for an `end`, else its end. */
  timeOf(spokenMs: number, edge?: 'end'): number
  /** The end of a stretch near this point of the axis. */
  pauseNear(spokenMs: number): number | undefined
  insideOneStretch(startMs: number, endMs: number): Span
}

function speechAxis(stretches: readonly Span[]): SpeechAxis {
  let spokenMs = 0
  const ends = stretches.map(({ startMs, endMs }) => {
    spokenMs += endMs - startMs
    return spokenMs
  })
  const stretchAt = (spoken: number, edge?: 'end') => {
    const index = ends.findIndex((end) => (edge === 'end' ? spoken <= end : spoken < end))
    return index < 0 ? ends.length - 1 : index
  }
  return {
    spokenMs,
    timeOf(spoken, edge) {
      const index = stretchAt(spoken, edge)
      const stretch = stretches[index] as Span
      return Math.min(stretch.endMs, Math.round(stretch.endMs - ((ends[index] as number) - spoken)))
    },
    pauseNear(spoken) {
      let nearest: number | undefined
      for (const end of ends) {
        const isNearer = Math.abs(end - spoken) < Math.abs((nearest ?? Number.POSITIVE_INFINITY) - spoken)
        if (Math.abs(end - spoken) <= SNAP_MS && isNearer) nearest = end
      }
      return nearest
    },
    insideOneStretch(startMs, endMs) {
      const first = stretches.find((stretch) => startMs < stretch.endMs && startMs >= stretch.startMs)
      if (!first || endMs <= first.endMs) return { startMs, endMs: Math.max(startMs, endMs) }
      // Most of it is on one side of the pause.
      const next = stretches.find((stretch) => endMs <= stretch.endMs) as Span
      const isFirst = first.endMs - startMs >= endMs - next.startMs
      return isFirst ? { startMs, endMs: first.endMs } : { startMs: next.startMs, endMs }
    },
  }
}
