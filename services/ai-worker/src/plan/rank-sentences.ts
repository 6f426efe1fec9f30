import { contentStems, type Vocabulary } from './content-words.ts'

/** The graph has an edge for every pair, so its size is bounded; ten hours of speech are some 8,000 sentences. */
const LARGEST_GRAPH = 400
const DAMPING = 0.85
const ROUNDS = 30

export interface RankedSentence {
  /** Place among all sentences. */
  index: number
  text: string
  score: number
  /** Weight of each stem, of length 1: how alike two sentences are is their dot product. */
  vector: ReadonlyMap<string, number>
}

/**
 * TextRank (Mihalcea and Tarau, 2004): a sentence matters when it is like many that matter. Sentences are
 * compared by stems weighted by how rare they are. Answers them in the text's order, those without content
 * left out; of a long text, only those most typical of the whole.
 */
export function rankSentences(sentences: readonly string[], vocabulary: Vocabulary): RankedSentence[] {
  const candidates = mostTypical(withVectors(sentences, vocabulary), LARGEST_GRAPH)
  const scores = textRank(candidates)
  return candidates.map((sentence, index) => ({ ...sentence, score: scores[index] ?? 0 }))
}

/** Dot product of two sentences' vectors: 0 for nothing in common, 1 for the same words. */
export function likeness(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a]
  let sum = 0
  for (const [stem, weight] of small) sum += weight * (large.get(stem) ?? 0)
  return sum
}

function withVectors(sentences: readonly string[], vocabulary: Vocabulary): RankedSentence[] {
  const stems = sentences.map((sentence) => contentStems(sentence, vocabulary))
  const sentencesWith = new Map<string, number>()
  for (const each of stems)
    for (const stem of new Set(each)) sentencesWith.set(stem, (sentencesWith.get(stem) ?? 0) + 1)

  return sentences.flatMap((text, index) => {
    const own = stems[index] ?? []
    if (own.length === 0) return []
    const weights = new Map<string, number>()
    for (const stem of own) {
      const rarity = Math.log(1 + sentences.length / (sentencesWith.get(stem) ?? 1))
      weights.set(stem, (weights.get(stem) ?? 0) + rarity)
    }
    return [{ index, text, score: 0, vector: unitLength(weights) }]
  })
}

function mostTypical(sentences: RankedSentence[], limit: number): RankedSentence[] {
  if (sentences.length <= limit) return sentences
  const centre = new Map<string, number>()
  for (const { vector } of sentences) {
    for (const [stem, weight] of vector) centre.set(stem, (centre.get(stem) ?? 0) + weight)
  }
  return sentences
    .map((sentence) => ({ sentence, typical: likeness(sentence.vector, centre) }))
    .sort((a, b) => b.typical - a.typical || a.sentence.index - b.sentence.index)
    .slice(0, limit)
    .map(({ sentence }) => sentence)
    .sort((a, b) => a.index - b.index)
}

function textRank(sentences: readonly RankedSentence[]): number[] {
  const edges = sentences.map((a, row) =>
    Float64Array.from(sentences, (b, column) => (row === column ? 0 : likeness(a.vector, b.vector))),
  )
  const outgoing = edges.map((row) => row.reduce((sum, weight) => sum + weight, 0))
  let scores = sentences.map(() => 1)
  for (let round = 0; round < ROUNDS; round += 1) {
    const shares = scores.map((score, index) => (outgoing[index] ? score / outgoing[index] : 0))
    scores = edges.map(
      (row) =>
        1 - DAMPING + DAMPING * row.reduce((sum, weight, from) => sum + weight * (shares[from] ?? 0), 0),
    )
  }
  return scores
}

function unitLength(weights: Map<string, number>): Map<string, number> {
  const length = Math.hypot(...weights.values())
  return new Map([...weights].map(([stem, weight]) => [stem, weight / length]))
}
