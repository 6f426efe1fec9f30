import { comparableWords } from '@app/contracts'
import { stemmer } from 'stemmer'
import { eng } from 'stopword'

/**
 * Wide enough that a passage's few hundred features seldom meet in one place, and below the 2,000 that
 * pgvector indexes. Share of 600 phrases of 3 to 8 words, drawn blindly from Alice in Wonderland, that find
 * their passage among 582 where every fourth word is misrecognised (of phrases of 8 words in brackets):
 *   dimensions 256: 0.44   512: 0.59   1024: 0.67 (0.89)   1536: 0.71 (0.90)
 *   at 1024 without pairs of words: 0.54 (0.73)   without trigrams: 0.66   stopwords like any word: 0.63
 */
export const LEXICAL_DIMENSIONS = 1024

const PAIR_WEIGHT = 0.9
/** Of all of a word's trigrams together. They tell little in a phrase, and all there is to a misheard name. */
const TRIGRAM_WEIGHT = 0.4
const STOPWORD_WEIGHT = 0.5
const STOPWORDS = new Set(eng)

/** Seventeen digits of each number would treble a result's size and change no ranking. */
const DECIMALS = 1e5

/**
 * A text as hashed word stems, pairs of neighbouring stems and letter trigrams, of length 1.
 *
 * Lexical, not semantic: it finds what shares words, or the letters of words, since a misrecognised word
 * keeps most of its trigrams ("twinkled" heard as "twinkle"). Repetition counts by its logarithm. Signed
 * hashing (Weinberger et al., 2009) makes features that meet in one place cancel on average, not add up.
 */
export function lexicalVector(text: string): number[] {
  const vector = new Array<number>(LEXICAL_DIMENSIONS).fill(0)
  for (const [feature, weight] of featuresOf(comparableWords(text))) {
    const hash = hashOf(feature)
    const place = (hash >>> 1) % LEXICAL_DIMENSIONS
    vector[place] = (vector[place] ?? 0) + (hash & 1 ? weight : -weight)
  }
  return unitLength(vector)
}

function featuresOf(words: readonly string[]): Map<string, number> {
  const features = new Map<string, number>()
  const add = (feature: string, weight: number) =>
    features.set(feature, (features.get(feature) ?? 0) + weight)

  for (const [word, count] of counted(words)) {
    const weight = sublinear(count) * (STOPWORDS.has(word) ? STOPWORD_WEIGHT : 1)
    const trigrams = trigramsOf(word)
    add(`stem ${stemmer(word)}`, weight)
    for (const trigram of trigrams)
      add(`part ${trigram}`, (weight * TRIGRAM_WEIGHT) / Math.sqrt(trigrams.length))
  }
  for (const [pair, count] of counted(pairsOf(words))) add(`pair ${pair}`, sublinear(count) * PAIR_WEIGHT)

  // No words at all: a place of its own, since a vector without direction has no distance to anything.
  if (features.size === 0) add('nothing', 1)
  return features
}

function counted(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

function sublinear(count: number): number {
  return 1 + Math.log(count)
}

function pairsOf(words: readonly string[]): string[] {
  const stems = words.map(stemmer)
  return stems.slice(1).map((stem, index) => `${stems[index]} ${stem}`)
}

function trigramsOf(word: string): string[] {
  const letters = [...`^${word}$`]
  return letters.slice(2).map((_, index) => letters.slice(index, index + 3).join(''))
}

/** FNV-1a over UTF-16 units, with MurmurHash3's final mix: short features differ too little in low bits without. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

function unitLength(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  // All features cancelled: as unlikely as it sounds, and still no reason for NaN.
  if (length === 0) return vector.map((_, place) => (place === 0 ? 1 : 0))
  return vector.map((value) => Math.round((value / length) * DECIMALS) / DECIMALS)
}
