import { comparableWords, tokensAtMost } from '@app/contracts'

export interface BatchLimits {
  mostTexts: number
  /** Of all texts of a batch together. */
  mostTokens: number
  /** Of one text: what is beyond is cut off, because providers refuse it or leave it out without a word. */
  mostTokensEach: number
}

/** A text that is to be sent, with its place among all. */
export interface PlacedText {
  index: number
  text: string
}

/**
 * Texts as batches that a provider takes, in order. Texts without words are left out: providers refuse empty ones, and
 * a vector of nothing says nothing.
 */
export function planBatches(texts: readonly string[], limits: BatchLimits): PlacedText[][] {
  const batches: PlacedText[][] = []
  let room = 0
  for (const [index, whole] of texts.entries()) {
    if (comparableWords(whole).length === 0) continue
    const text = fitting(whole, limits.mostTokensEach)
    const tokens = tokensAtMost(text)
    const last = batches.at(-1)
    if (last && tokens <= room && last.length < limits.mostTexts) last.push({ index, text })
    else {
      batches.push([{ index, text }])
      room = limits.mostTokens
    }
    room -= tokens
  }
  return batches
}

/** The longest beginning that fits, well-formed: half a surrogate pair can not be written as UTF-8. */
function fitting(text: string, mostTokens: number): string {
  if (tokensAtMost(text) <= mostTokens) return text.toWellFormed()
  let [fits, over] = [0, text.length]
  while (over - fits > 1) {
    const middle = Math.floor((fits + over) / 2)
    if (tokensAtMost(text.slice(0, middle)) <= mostTokens) fits = middle
    else over = middle
  }
  return text.slice(0, fits).toWellFormed()
}
