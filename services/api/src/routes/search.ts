import { SearchAnswer, type SearchHit, SearchQuery } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { jsonAnswer, keyRefusals, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { audiobookOf } from '../queries/audiobooks.ts'
import type { SearchScope } from '../queries/search-scope.ts'

const search = createRoute({
  ...signedIn,
  tags: ['search'],
  method: 'get',
  path: '/api/v1/search',
  summary: 'Where something is said, by its words and by its meaning',
  description:
    'Finds in the caller’s own books and public ones; admins find in all. Times count from the chapter’s start. ' +
    '`match` says what found a hit: its words (text), its meaning (vector) or both.',
  request: { query: SearchQuery },
  responses: {
    200: jsonAnswer(named('SearchAnswer', SearchAnswer), 'Hits, best first'),
    ...keyRefusals,
    ...refusals(404, 422, 503),
  },
})

export interface SearchRoutesDeps {
  db: Db
  searchBooks: (query: SearchQuery, scope: SearchScope, signal: AbortSignal) => Promise<SearchHit[]>
}

export function searchRoutes(app: ApiApp, { db, searchBooks }: SearchRoutesDeps): void {
  app.openapi(search, async (c) => {
    const user = userOf(c.get('principal'))
    const query = c.req.valid('query')
    const userId = user.kind === 'admin' ? undefined : user.userId
    if (query.audiobook_id !== undefined) await refuseUnlessVisible(query.audiobook_id, userId)
    const scope = { userId, audiobookId: query.audiobook_id }
    return c.json({ query: query.q, hits: await searchBooks(query, scope, c.req.raw.signal) }, 200)
  })

  async function refuseUnlessVisible(audiobookId: string, userId: string | undefined): Promise<void> {
    const book = await audiobookOf(db, audiobookId)
    if (!book) throw notFound('audiobook')
    if (userId === undefined || book.is_public || book.ownerId === userId) return
    throw new Refusal('not-yours', 'this audiobook belongs to somebody else')
  }
}
