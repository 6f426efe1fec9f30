import { countWords, joinPieces, joinTexts, writtenWords } from '@app/contracts'
import { vocabularyOf } from './content-words.ts'
import { planSentences } from './plan-sentences.ts'
import { likeness, type RankedSentence, rankSentences } from './rank-sentences.ts'

export const NO_SPEECH = 'No speech was found in this recording.'
const MOST_WORDS = 120
const FEWEST_WORDS = 40
/** A summary longer than this part of the text saves nobody any reading. */
const SHARE_OF_TEXT = 0.25
/** Two sentences more alike than this say the same thing. */
const REPETITION = 0.6

/**
 * A few of the recording's own sentences that stand for the whole, in their order: at most 120 words, and
 * for a short text a quarter of it. The same transcript always gives the same summary.
 */
export function planSummary(segments: readonly { text: string }[], language?: string): string {
  const sentences = planSentences(segments, language)
  const wordCount = sentences.reduce((sum, sentence) => sum + countWords(sentence), 0)
  if (wordCount === 0) return NO_SPEECH

  const budget = Math.min(MOST_WORDS, Math.max(FEWEST_WORDS, Math.round(wordCount * SHARE_OF_TEXT)))
  if (wordCount <= budget) return joinTexts(sentences.map(asSentence))

  const ranked = rankSentences(sentences, vocabularyOf(language))
  const chosen = choose(ranked, budget)
  if (chosen.length === 0) return asSentence(firstWords(joinTexts(sentences), budget))
  return joinTexts(chosen.map(({ text }) => asSentence(text)))
}

/** The best first, passing over repetitions and what no longer fits; then back in the order they were said. */
function choose(ranked: readonly RankedSentence[], budget: number): RankedSentence[] {
  const chosen: RankedSentence[] = []
  let left = budget
  for (const candidate of ranked.toSorted((a, b) => b.score - a.score || a.index - b.index)) {
    const words = countWords(candidate.text)
    const repeats = chosen.some(({ vector }) => likeness(vector, candidate.vector) > REPETITION)
    if (words > left || repeats) continue
    chosen.push(candidate)
    left -= words
  }
  return chosen.sort((a, b) => a.index - b.index)
}

/** Recognisers without punctuation give "call me ishmael"; readers are owed "Call me ishmael." */
export function asSentence(text: string): string {
  const capitalised = text.replace(
    /^(["'“‘(]*)(\p{Ll})(?!\p{Lu})/u,
    (_, opening, letter) => opening + letter.toUpperCase(),
  )
  if (/[.!?…。！？।؟۔]["'”’)」』]*$/u.test(capitalised)) return capitalised
  const stop = CHARACTER_AT_END.test(capitalised) ? '。' : '.'
  return `${capitalised.replace(/[,;:，、；：–—-]+$/u, '')}${stop}`
}

// The mark of long vowels is of two scripts, and so of none.
const CHARACTER_AT_END = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー，、；：」』）】]$/u

function firstWords(text: string, count: number): string {
  return `${joinPieces(writtenWords(text).slice(0, count))} …`
}
