import type { ShowNote } from '@app/contracts'
import { vocabularyOf } from './content-words.ts'
import { planSentences } from './plan-sentences.ts'
import { asSentence } from './plan-summary.ts'
import { rankSentences } from './rank-sentences.ts'

const MOST_NOTES = 10
/** A minute of speech: less than that needs no table of contents. */
const WORDS_PER_NOTE = 150

/**
 * The recording's own sentences as its table of contents: of each of up to ten stretches the one that is most like the
 * rest of it, at the segment where it begins. None for less than a minute and a half of speech.
 */
export function planShowNotes(
  segments: readonly { text: string; startMs: number }[],
  language?: string,
): ShowNote[] {
  const sentences = planSentences(segments, language)
  const vocabulary = vocabularyOf(language)
  const words = sentences.reduce((sum, text) => sum + vocabulary.wordsOf(text).length, 0)
  const count = Math.min(MOST_NOTES, Math.round(words / WORDS_PER_NOTE))
  if (count < 2) return []
  const times = startTimes(sentences, segments)
  const size = Math.ceil(sentences.length / count)
  return Array.from({ length: count }, (_, stretch) => stretch * size).flatMap((first) => {
    const ranked = rankSentences(sentences.slice(first, first + size), vocabulary)
    const [best] = ranked.toSorted((a, b) => b.score - a.score || a.index - b.index)
    return best ? [{ startMs: times[first + best.index] ?? 0, text: asSentence(best.text) }] : []
  })
}

/** When each sentence begins: no letter is lost or repeated on the way from segments to sentences, only spaces are. */
function startTimes(
  sentences: readonly string[],
  segments: readonly { text: string; startMs: number }[],
): number[] {
  const places = segments.map(({ text }) => lettersOf(text))
  let at = 0
  let segment = 0
  let end = places[0] ?? 0
  return sentences.map((sentence) => {
    while (at >= end && segment < segments.length - 1) {
      segment += 1
      end += places[segment] ?? 0
    }
    at += lettersOf(sentence)
    return segments[segment]?.startMs ?? 0
  })
}

const lettersOf = (text: string): number => text.replace(/\s/g, '').length
