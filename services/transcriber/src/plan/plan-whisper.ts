import type { RawUtterance, RawWord } from './raw-utterance.ts'

interface WhisperSegment {
  start: number
  end: number
  text: string
  avg_logprob?: number | undefined
  no_speech_prob?: number | undefined
}

interface WhisperWord {
  word: string
  start: number
  end: number
}

interface WhisperAnswer {
  text: string
  segments?: readonly WhisperSegment[] | null | undefined
  words?: readonly WhisperWord[] | null | undefined
}

/**
 * Whisper's `verbose_json` as utterances. Its words come in one list, bare of punctuation, beside the segments they
 * belong to; servers that speak its format leave either out.
 */
export function planWhisper({ text, segments, words }: WhisperAnswer): RawUtterance[] {
  const raw = (words ?? []).map(rawWord)
  if (!segments || segments.length === 0) return [{ text, words: raw }]
  const parts = wordsBySegment(segments, raw)
  return segments.map((segment, index) => ({
    text: segment.text,
    startMs: segment.start * 1000,
    endMs: segment.end * 1000,
    words: parts[index] ?? [],
    averageLogProbability: segment.avg_logprob,
    noSpeechProbability: segment.no_speech_prob,
  }))
}

const rawWord = ({ word, start, end }: WhisperWord): RawWord => ({
  text: word,
  startMs: start * 1000,
  endMs: end * 1000,
})

/** By their number, where the segments have as many as there are: times at a seam may point to either side. Else by them. */
function wordsBySegment(segments: readonly WhisperSegment[], words: readonly RawWord[]): RawWord[][] {
  const counts = segments.map(({ text }) => text.split(/\s+/).filter((token) => token !== '').length)
  if (counts.reduce((sum, count) => sum + count, 0) === words.length) {
    const ends = counts.map((_, index) => counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0))
    return ends.map((end, index) => words.slice(end - (counts[index] ?? 0), end))
  }
  return segments.map(({ start }, index) => {
    const from = index === 0 ? Number.NEGATIVE_INFINITY : start * 1000
    const to = (segments[index + 1]?.start ?? Number.POSITIVE_INFINITY) * 1000
    return words.filter(({ startMs }) => (startMs ?? 0) >= from && (startMs ?? 0) < to)
  })
}
