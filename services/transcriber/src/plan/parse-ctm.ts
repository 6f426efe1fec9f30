import type { Word } from '@app/contracts'

/**
 * Words of the recogniser's CTM output, lines of `name channel startS lengthS word confidence`, as NIST
 * defines it. Times come out as whole milliseconds inside the recording, in order, without overlap: spans
 * are recognised with a frame to spare, so the last word of one may reach into the next.
 * Fillers and lines cut off in the middle are left out.
 */
export function parseCtm(text: string, durationMs: number): Word[] {
  const words: Word[] = []
  const heard = text.split('\n').flatMap((line) => parseLine(line) ?? [])
  for (const word of heard.sort((a, b) => a.startMs - b.startMs)) {
    const earliest = words.at(-1)?.endMs ?? 0
    const startMs = Math.min(Math.max(word.startMs, earliest), durationMs)
    words.push({ ...word, startMs, endMs: Math.min(Math.max(word.endMs, startMs), durationMs) })
  }
  return words
}

/** `<s>`, `<sil>`, `[NOISE]`, `++uh++`. */
const FILLER = /^[<[+]/
/** `read(2)`: the dictionary's second way to say it. */
const PRONUNCIATION = /\(\d+\)$/

function parseLine(line: string): Word | undefined {
  const [, , start, length, spoken, confidence, ...rest] = line.trim().split(/\s+/)
  if (spoken === undefined || confidence === undefined || rest.length > 0 || FILLER.test(spoken))
    return undefined

  const startMs = Math.round(Number(start) * 1000)
  const endMs = startMs + Math.round(Number(length) * 1000)
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs)) return undefined

  const text = written(spoken.replace(PRONUNCIATION, ''))
  const certainty = Number(confidence)
  if (!Number.isFinite(certainty)) return { text, startMs, endMs }
  // Posteriors are summed in logarithms and come out as 1.0002 at times.
  return { text, startMs, endMs, confidence: Math.min(1, Math.max(0, certainty)) }
}

/** The dictionary is all lower case; this is the one word English always capitalises. */
function written(word: string): string {
  return word === 'i' || word.startsWith("i'") ? `I${word.slice(1)}` : word
}
