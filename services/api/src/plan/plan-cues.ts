import { type Segment, timedWords, type Word } from '@app/contracts'

/** One subtitle: one or two lines, shown from start to end. */
export interface Cue {
  startMs: number
  endMs: number
  lines: string[]
  speaker?: string
}

/** Netflix's Timed Text Style Guide: two lines of 42 characters, shown for 5/6 s to 7 s. */
const LINE_CHARS = 42
const CUE_CHARS = 2 * LINE_CHARS
const LONGEST_CUE_MS = 7000
const SHORTEST_CUE_MS = 833

/** Segments as subtitles that can be read: cut between words, never overlapping, in order. */
export function planCues(segments: readonly Segment[]): Cue[] {
  const cues = segments.flatMap((segment) => {
    const speaker = segment.speaker === undefined ? {} : { speaker: segment.speaker }
    return groups(timedWords(segment)).map((words) => ({ ...toCue(words), ...speaker }))
  })
  return cues.map((cue, index) => ({ ...cue, endMs: readableEnd(cue, cues[index + 1]?.startMs) }))
}

/** As few cues as the limits allow, of about equal length: a last cue of one word reads badly. */
function groups(words: readonly Word[]): Word[][] {
  const first = words[0]
  const last = words.at(-1)
  if (!first || !last) return []

  const chars = words.reduce((sum, word) => sum + word.text.length + 1, 0)
  const count = Math.max(chars / CUE_CHARS, (last.endMs - first.startMs) / LONGEST_CUE_MS)
  if (words.length === 1 || (count <= 1 && wrap(words.map((word) => word.text)).length <= 2))
    return [[...words]]

  const half = middle(words)
  return [...groups(words.slice(0, half)), ...groups(words.slice(half))]
}

/** The place nearest to half of the letters; after punctuation, if there is some close by. */
function middle(words: readonly Word[]): number {
  const total = words.reduce((sum, word) => sum + word.text.length + 1, 0)
  let best = { at: 1, cost: Number.POSITIVE_INFINITY }
  let before = 0
  for (let at = 1; at < words.length; at += 1) {
    const previous = words[at - 1]?.text ?? ''
    before += previous.length + 1
    const cost =
      Math.abs(before - total / 2) -
      (/[.!?…]$/.test(previous) ? total / 5 : /[,;:]$/.test(previous) ? total / 10 : 0)
    if (cost < best.cost) best = { at, cost }
  }
  return best.at
}

function toCue(words: readonly Word[]): Cue {
  const lines = wrap(words.map((word) => word.text))
  return { startMs: words[0]?.startMs ?? 0, endMs: words.at(-1)?.endMs ?? 0, lines }
}

/** One line if it fits, else two of about equal length, the lower one longer rather than the upper. */
function wrap(texts: readonly string[]): string[] {
  const whole = texts.join(' ')
  if (length(whole) <= LINE_CHARS) return [whole]
  let best = { lines: [whole], cost: Number.POSITIVE_INFINITY }
  for (let at = 1; at < texts.length; at += 1) {
    const lines = [texts.slice(0, at).join(' '), texts.slice(at).join(' ')]
    const [upper = 0, lower = 0] = lines.map(length)
    const cost = Math.max(upper, lower) + (upper > lower ? 0.5 : 0)
    if (cost < best.cost) best = { lines, cost }
  }
  return best.cost < LINE_CHARS + 1 ? best.lines : greedy(texts)
}

function greedy(texts: readonly string[]): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const joined = `${lines.at(-1)} ${text}`
    if (lines.length > 0 && length(joined) <= LINE_CHARS) lines[lines.length - 1] = joined
    else lines.push(text)
  }
  return lines
}

/** Long enough to be read, where the next cue leaves time for it. */
function readableEnd({ startMs, endMs }: Cue, nextStartMs = Number.POSITIVE_INFINITY): number {
  const wanted = Math.max(endMs, startMs + SHORTEST_CUE_MS)
  // A cue needs some length to be legal, even where a provider gave its words none.
  return Math.max(startMs + 1, Math.min(wanted, Math.max(nextStartMs, endMs)))
}

/** As readers count: an accent is no character of its own. */
function length(text: string): number {
  return [...new Intl.Segmenter().segment(text)].length
}
