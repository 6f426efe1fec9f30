import { z } from 'zod'

export const SearchQuery = z.object({
  q: z.string().trim().min(1).max(500),
  audiobook_id: z.guid().optional(),
  /** Which kind of match to look for; both by default. */
  mode: z.enum(['both', 'text', 'vector']).default('both'),
  limit: z.coerce.number().int().min(1).max(50).default(10),
})
export type SearchQuery = z.infer<typeof SearchQuery>

export const SearchHit = z.object({
  audiobook: z.object({ id: z.uuid(), title: z.string() }),
  chapter: z.object({ id: z.uuid(), position: z.int(), title: z.string() }),
  quote: z.string(),
  /** From the start of the chapter. */
  start_ms: z.int(),
  end_ms: z.int(),
  match: z.enum(['text', 'vector', 'both']),
  score: z.number(),
  /** The vector model, where vectors matched. A lexical one finds words, not meaning. */
  model: z.string().optional(),
})
export type SearchHit = z.infer<typeof SearchHit>

export const SearchAnswer = z.object({ query: z.string(), hits: z.array(SearchHit) })
export type SearchAnswer = z.infer<typeof SearchAnswer>
