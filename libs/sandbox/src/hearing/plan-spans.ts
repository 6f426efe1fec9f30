import type { Word } from '@app/contracts'

export interface Span {
  startMs: number
  endMs: number
}

/** The recogniser normalises each span by all of itself, and its memory grows with it. */
const LONGEST_SPAN_MS = 15_000
/** Kept around speech, so that soft first and last sounds are not lost. */
const PADDING_MS = 150
const SHORTEST_SPAN_MS = 60

/** What is between the pauses, with a little around it, in pieces of 15 s at most. */
export function planSpans(pauses: readonly Span[], durationMs: number): Span[] {
  const edges = [...pauses, { startMs: durationMs, endMs: durationMs }]
  let from = 0
  const spoken = edges.flatMap((pause) => {
    const span = {
      startMs: Math.max(0, from - PADDING_MS),
      endMs: Math.min(durationMs, pause.startMs + PADDING_MS),
    }
    const length = pause.startMs - from
    from = pause.endMs
    return length >= SHORTEST_SPAN_MS ? [span] : []
  })
  return spoken.flatMap(inPieces)
}

function inPieces({ startMs, endMs }: Span): Span[] {
  const count = Math.ceil((endMs - startMs) / LONGEST_SPAN_MS)
  const length = (endMs - startMs) / count
  return Array.from({ length: count }, (_, index) => ({
    startMs: Math.round((startMs + index * length) / 10) * 10,
    endMs: Math.round((startMs + (index + 1) * length) / 10) * 10,
  }))
}

/** Reads silencedetect's lines; one that goes on to the end has no end and needs none. */
export function readPauses() {
  const pauses: Span[] = []
  let startMs: number | undefined
  return {
    pauses,
    take(line: string) {
      const start = /silence_start: (-?[\d.]+)/.exec(line)
      const end = /silence_end: (-?[\d.]+)/.exec(line)
      if (start) startMs = Math.max(0, Number(start[1]) * 1000)
      if (!end || startMs === undefined) return
      pauses.push({ startMs, endMs: Number(end[1]) * 1000 })
      startMs = undefined
    },
  }
}

/** Words of CTM lines, `name channel startS lengthS word confidence`; fillers are none. */
export function wordsOfCtm(ctm: string): Word[] {
  const words = ctm.split('\n').flatMap((line): Word[] => {
    const [, , start, length, spoken, confidence] = line.trim().split(/\s+/)
    if (!spoken || /^[<[+]/.test(spoken)) return []
    const startMs = Math.round(Number(start) * 1000)
    const text = written(spoken.replace(/\(\d+\)$/, ''))
    const certainty = Math.min(1, Math.max(0, Number(confidence) || 0))
    return [{ text, startMs, endMs: startMs + Math.round(Number(length) * 1000), confidence: certainty }]
  })
  const inOrder = words.sort((a, b) => a.startMs - b.startMs)
  return inOrder.map((word, index) => {
    const nextMs = inOrder[index + 1]?.startMs ?? word.endMs
    return { ...word, endMs: Math.max(word.startMs, Math.min(word.endMs, nextMs)) }
  })
}

/** The dictionary is all lower case; this is the one word English always capitalises. */
function written(word: string): string {
  return word === 'i' || word.startsWith("i'") ? `I${word.slice(1)}` : word
}
