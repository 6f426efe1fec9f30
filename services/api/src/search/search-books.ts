import { comparableWords, locateQuote, type SearchHit, type SearchQuery } from '@app/contracts'
import type { Db } from '@app/db'
import type { Embeddings } from '@app/language'
import { asError, type Logger } from '@app/runtime'
import { Refusal } from '../http/refusal.ts'
import { type LocatedHit, mergeHits } from '../plan/merge-hits.ts'
import type { Candidate, SearchScope } from '../queries/search-scope.ts'
import { textCandidates } from '../queries/search-text.ts'
import { vectorCandidates } from '../queries/search-vectors.ts'
import { wordsAround } from '../queries/words-around.ts'
import type { QueryModels } from './query-models.ts'

/** More than are shown: several may be of one place. */
const CANDIDATES = 60
/** A quote may begin before the passage that was found, and end after it. */
const LEAD_MS = 10_000
const TRAIL_MS = 20_000

interface SearchDeps {
  db: Db
  models: QueryModels
  log: Logger
}

/** Finds what was said, by its words and by its meaning, each hit at the place where it is said. */
export async function searchBooks(
  deps: SearchDeps,
  { q, mode, limit }: SearchQuery,
  scope: SearchScope,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  // Signs and pictures are said nowhere, and their vector is near to anything.
  if (comparableWords(q).length === 0) return []
  const { db } = deps
  const byText = mode === 'vector' ? [] : textCandidates(db, q, scope, CANDIDATES)
  const byVector = mode === 'text' ? [] : nearest(deps, { q, mode, scope, signal })
  const [text, vector] = await Promise.all([byText, byVector])
  const located = await locate(db, q, [...text, ...vector.map(({ candidate }) => candidate)])
  const textHits = located.slice(0, text.length).toSorted((a, b) => b.likeness - a.likeness)
  const vectorHits = located
    .slice(text.length)
    .map((each, index) => ({ ...hitOf(each), model: vector[index]?.model ?? '' }))
  return mergeHits(textHits.map(hitOf), vectorHits, limit)
}

interface Sought {
  q: string
  mode: SearchQuery['mode']
  scope: SearchScope
  signal: AbortSignal
}

interface Found {
  candidate: Candidate
  model: string
}

/** The nearest of each model that something is searched by, the best of each first: their distances don't compare. */
async function nearest(deps: SearchDeps, sought: Sought): Promise<Found[]> {
  const { db, models } = deps
  const all = [models.current, ...(await models.earlier())]
  const vectors = await embedQuery(deps, all, sought)
  const lists = vectors.map(async (vector, place): Promise<Found[]> => {
    const searched = all[place]
    if (!vector || !searched) return []
    const { model, dimensions } = searched
    const asked = { models: all, place }
    const found = await vectorCandidates(db, { model, dimensions, vector, asked }, sought.scope, CANDIDATES)
    return found.map((candidate) => ({ candidate, model }))
  })
  return interleaved(await Promise.all(lists))
}

/** By each model, in its place. With a provider away, what the words and the other models find is the answer. */
async function embedQuery({ log }: SearchDeps, models: readonly Embeddings[], sought: Sought) {
  const { q, mode, scope, signal } = sought
  const options = { signal, purpose: 'query' as const, ownerId: scope.userId }
  const asked = await Promise.allSettled(models.map((model) => model.embedTexts([q], options)))
  const failed = asked.filter((each) => each.status === 'rejected')
  for (const { reason } of failed) {
    if (mode === 'vector' && failed.length === models.length) {
      throw new Refusal('search-unavailable', 'the query can not be embedded right now', { cause: reason })
    }
    log.warn({ err: asError(reason) }, 'searching without a model that does not answer')
  }
  return asked.map((each) => (each.status === 'fulfilled' ? each.value[0] : undefined))
}

function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...lists.map((list) => list.length))
  return Array.from({ length: longest }, (_, rank) =>
    lists.flatMap((list) => list.slice(rank, rank + 1)),
  ).flat()
}

interface Located {
  candidate: Candidate
  quote: string
  startMs: number
  endMs: number
  /** Of the quote to the query, 0 to 1. */
  likeness: number
}

async function locate(db: Db, query: string, candidates: readonly Candidate[]): Promise<Located[]> {
  const places = candidates.map(({ chapter, startMs, endMs }) => ({
    chapterId: chapter.id,
    startMs: startMs - LEAD_MS,
    endMs: endMs + TRAIL_MS,
  }))
  const words = await wordsAround(db, places)
  return candidates.map((candidate, index) => {
    const place = locateQuote(words[index] ?? [], query)
    if (place) return { ...place, candidate, quote: place.text, likeness: place.score }
    const { startMs, endMs, text } = candidate
    return { candidate, quote: text, startMs, endMs, likeness: 0 }
  })
}

function hitOf({ candidate, quote, startMs, endMs }: Located): LocatedHit {
  const { audiobook, chapter } = candidate
  return { audiobook, chapter, quote, start_ms: startMs, end_ms: endMs }
}
