import { comparableWords } from '@app/contracts'
import { stemmer } from 'stemmer'
import { eng } from 'stopword'

/** Wide enough that a passage's few hundred features rarely meet in one place; see the figures below. */
export const LEXICAL_DIMENSIONS = 512

export interface LexicalWeights {
  dimensions: number
  stem: number
  trigram: number
  stopword: number
}

export const LEXICAL_WEIGHTS: LexicalWeights = {
  dimensions: LEXICAL_DIMENSIONS,
  stem: 1,
  trigram: 0.5,
  stopword: 0.15,
}

const STOPWORDS = new Set(eng)

/**
 * A text as hashed word stems and letter trigrams, of length 1.
 *
 * Lexical, not semantic: it finds what shares words, or the sound of words, since a misrecognised word keeps
 * most of its trigrams ("twinkled" heard as "twinkle"). Repetition counts by its logarithm, and function
 * words little: "it was the best of times" still finds itself. Signed hashing (Weinberger et al., 2009)
 * makes features that meet in one place cancel on average instead of adding up.
 */
export function lexicalVector(text: string, weights: LexicalWeights = LEXICAL_WEIGHTS): number[] {
  const vector = new Array<number>(weights.dimensions).fill(0)
  for (const [feature, weight] of featuresOf(text, weights)) {
    const hash = fnv1a(feature)
    const place = (hash >>> 1) % weights.dimensions
    vector[place] = (vector[place] ?? 0) + (hash & 1 ? weight : -weight)
  }
  return unitLength(vector)
}

function featuresOf(text: string, weights: LexicalWeights): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of comparableWords(text)) counts.set(word, (counts.get(word) ?? 0) + 1)

  const features = new Map<string, number>()
  for (const [word, count] of counts) {
    const weight = (1 + Math.log(count)) * (STOPWORDS.has(word) ? weights.stopword : 1)
    add(features, `s:${stemmer(word)}`, weight * weights.stem)
    const trigrams = trigramsOf(word)
    for (const trigram of trigrams)
      add(features, `t:${trigram}`, (weight * weights.trigram) / Math.sqrt(trigrams.length))
  }
  // No words at all: a place of its own, since a vector without direction has no distance to anything.
  if (features.size === 0) features.set('', 1)
  return features
}

function add(features: Map<string, number>, feature: string, weight: number): void {
  features.set(feature, (features.get(feature) ?? 0) + weight)
}

function trigramsOf(word: string): string[] {
  const letters = [...`^${word}$`]
  return letters.slice(2).map((_, index) => letters.slice(index, index + 3).join(''))
}

/** FNV-1a over UTF-16 units, with a final mix: without it, low bits of short features are not random enough. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function unitLength(vector: number[]): number[] {
  const length = Math.hypot(...vector)
  // All features cancelled: as unlikely as it sounds, and still no reason for NaN.
  if (length === 0) return vector.map((_, place) => (place === 0 ? 1 : 0))
  return vector.map((value) => value / length)
}
