import { countWords } from '@app/contracts'

/** About 100 ms of grammar each: other work of the process waits no longer than that. */
const STRETCH_WORDS = 1500
/** Tags of ten hours come out the same from a tenth of it, and grammar costs 300 MB per 80,000 words. */
const MOST_STRETCHES = 12

/**
 * Sentences joined to stretches short enough to be worked through one after the other; of a long text
 * stretches from all parts of it, at equal distances, the first and the last among them.
 */
export function planStretches(sentences: readonly string[]): string[] {
  const stretches: string[][] = []
  let words = Number.POSITIVE_INFINITY
  for (const sentence of sentences) {
    if (words >= STRETCH_WORDS) {
      stretches.push([])
      words = 0
    }
    stretches.at(-1)?.push(sentence)
    words += countWords(sentence)
  }
  return evenly(stretches, MOST_STRETCHES).map(joinSentences)
}

function evenly<T>(items: readonly T[], most: number): T[] {
  if (items.length <= most) return [...items]
  return Array.from({ length: most }, (_, index) => {
    return items[Math.round((index * (items.length - 1)) / (most - 1))] as T
  })
}

/** Sentences without punctuation get a full stop: a noun phrase must not run across a pause. */
function joinSentences(sentences: readonly string[]): string {
  return sentences.map((sentence) => (/[.!?…。！？]$/u.test(sentence) ? sentence : `${sentence}.`)).join(' ')
}
