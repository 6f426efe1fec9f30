import { locateQuote, type SearchHit, type SearchQuery } from '@app/contracts'
import type { Db } from '@app/db'
import type { Embeddings } from '@app/language'
import { asError, type Logger } from '@app/runtime'
import { Refusal } from '../http/refusal.ts'
import { type LocatedHit, mergeHits } from '../plan/merge-hits.ts'
import type { Candidate, SearchScope } from '../queries/search-scope.ts'
import { textCandidates } from '../queries/search-text.ts'
import { vectorCandidates } from '../queries/search-vectors.ts'
import { wordsAround } from '../queries/words-around.ts'

/** More than are shown: several may be of one place. */
const CANDIDATES = 60
/** A quote may begin before the passage that was found, and end after it. */
const LEAD_MS = 10_000
const TRAIL_MS = 20_000

interface SearchDeps {
  db: Db
  embeddings: Pick<Embeddings, 'model' | 'dimensions' | 'embedTexts'>
  log: Logger
}

/** Finds what was said, by its words and by its meaning, each hit at the place where it is said. */
export async function searchBooks(
  { db, embeddings, log }: SearchDeps,
  { q, mode, limit }: SearchQuery,
  scope: SearchScope,
  signal: AbortSignal,
): Promise<SearchHit[]> {
  const byText = mode === 'vector' ? [] : textCandidates(db, q, scope, CANDIDATES)
  const byVector = mode === 'text' ? [] : nearest()
  const [text, vector] = await Promise.all([byText, byVector])
  const located = await locate(db, q, [...text, ...vector])
  const textHits = located.slice(0, text.length).toSorted((a, b) => b.likeness - a.likeness)
  const vectorHits = located.slice(text.length)
  return mergeHits(textHits.map(hitOf), vectorHits.map(hitOf), { most: limit, model: embeddings.model })

  async function nearest(): Promise<Candidate[]> {
    const vector = await embedQuery()
    if (!vector) return []
    const { model, dimensions } = embeddings
    return await vectorCandidates(db, { model, dimensions, vector }, scope, CANDIDATES)
  }

  /** With its provider away, a search that also asked for words finds those. */
  async function embedQuery(): Promise<number[] | undefined> {
    try {
      const [vector] = await embeddings.embedTexts([q], { signal, purpose: 'query' })
      return vector
    } catch (error) {
      if (mode === 'vector') {
        throw new Refusal('search-unavailable', 'the query can not be embedded right now', { cause: error })
      }
      log.warn({ err: asError(error) }, 'searching by words only')
      return undefined
    }
  }
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
