import { EventTicket } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute, z } from '@hono/zod-openapi'
import { bookEvents } from '../events/book-events.ts'
import type { EventHub } from '../events/event-hub.ts'
import { streamEvents } from '../events/stream-events.ts'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, idParam, jsonAnswer, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import type { EventTickets } from '../http/event-tickets.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { bookJobs } from '../queries/book-jobs.ts'

const shared = { ...signedIn, tags: ['events'] }

const issueTicket = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/audiobooks/{id}/events/ticket',
  summary: 'A ticket for the event stream, where headers can’t be sent',
  description: 'Good for one minute, for this book’s stream only: open `…/events?ticket=…` with it.',
  request: { params: idParam },
  responses: {
    201: jsonAnswer(named('EventTicket', EventTicket), 'The ticket'),
    ...authRefusals,
    ...refusals(404),
  },
})

const events = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/audiobooks/{id}/events',
  summary: 'How a book’s jobs go, as Server-Sent Events',
  description:
    '`snapshot` with all jobs first, then `changed` with those that did; totals are always of all; `removed` when the ' +
    'book is. Ids are row versions: with `Last-Event-ID` (or `last_event_id` in the query) the stream goes on with ' +
    'what changed since, without loss. It ends after an hour, or at once when this instance stops: connect again.',
  request: {
    params: idParam,
    query: z.object({ ticket: z.string().optional(), last_event_id: z.string().optional() }),
  },
  responses: {
    200: {
      description: 'The stream; the data of `snapshot` and `changed` is AudiobookJobs',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...authRefusals,
    ...refusals(404, 429),
  },
})

export interface EventRoutesDeps {
  db: Db
  hub: EventHub
  tickets: EventTickets
}

export function eventRoutes(app: ApiApp, { db, hub, tickets }: EventRoutesDeps): void {
  app.openapi(issueTicket, async (c) => {
    const id = await knownBook(c.req.valid('param').id)
    const { ticket, expiresInS } = await tickets.issue(userOf(c.get('principal')), id)
    return c.json({ ticket, expires_in_s: expiresInS }, 201)
  })

  app.openapi(events, async (c) => {
    const id = await knownBook(c.req.valid('param').id)
    const place = hub.enter(userOf(c.get('principal')).userId, id)
    const lastEventId = c.req.header('last-event-id') ?? c.req.valid('query').last_event_id
    const told = bookEvents({
      audiobookId: id,
      lastEventId,
      read: (since) => bookJobs(db, id, since),
      wait: place.wait,
    })
    return streamEvents(c, place, told)
  })

  async function knownBook(text: string): Promise<string> {
    const id = knownId(text, 'audiobook')
    const book = await db.selectFrom('audiobooks').select('id').where('id', '=', id).executeTakeFirst()
    if (!book) throw notFound('audiobook')
    return id
  }
}
