import type { SearchHit } from '@app/contracts'

/** A hit of one kind, at its exact place. Lists of them come best first. */
export type LocatedHit = Omit<SearchHit, 'match' | 'score' | 'model'>

/** One that was found by a model's vectors. */
export type VectorHit = LocatedHit & { model: string }

/** As in the paper that introduced reciprocal rank fusion (Cormack et al., 2009): how little the first ranks stand out. */
const K = 60

interface Ranked {
  hit: LocatedHit
  text?: number
  vector?: number
  model?: string
}

/**
 * Two rankings as one, by reciprocal rank: what both found comes before what one found as well. Hits at one place
 * are one hit; the words of a text match say best what was said there.
 */
export function mergeHits(
  text: readonly LocatedHit[],
  vector: readonly VectorHit[],
  most: number,
): SearchHit[] {
  const merged: Ranked[] = distinct(text).map((hit, rank) => ({ hit, text: rank }))
  for (const [rank, { model, ...hit }] of distinct(vector).entries()) {
    const same = merged.find((each) => each.vector === undefined && isSamePlace(each.hit, hit))
    if (same) Object.assign(same, { vector: rank, model })
    else merged.push({ hit, vector: rank, model })
  }
  return merged
    .map(asHit)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
}

function asHit({ hit, text, vector, model }: Ranked): SearchHit {
  const score = reciprocal(text) + reciprocal(vector)
  const match = text === undefined ? 'vector' : vector === undefined ? 'text' : 'both'
  return { ...hit, match, score: Math.round(score * 1e6) / 1e6, ...(model === undefined ? {} : { model }) }
}

function reciprocal(rank: number | undefined): number {
  return rank === undefined ? 0 : 1 / (K + rank + 1)
}

/** Neighbouring passages overlap, and so find the same place twice. */
function distinct<Hit extends LocatedHit>(hits: readonly Hit[]): Hit[] {
  return hits.filter((hit, index) => hits.findIndex((other) => isSamePlace(other, hit)) === index)
}

function isSamePlace(a: LocatedHit, b: LocatedHit): boolean {
  return a.chapter.id === b.chapter.id && a.start_ms <= b.end_ms && b.start_ms <= a.end_ms
}
