import { EventTicket } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute, z } from '@hono/zod-openapi'
import { ownClip } from '../clips/own-clip.ts'
import { clipEvents, hasEnded } from '../events/clip-events.ts'
import type { EventHub } from '../events/event-hub.ts'
import { streamEvents } from '../events/stream-events.ts'
import { userOf } from '../http/authenticate.ts'
import { idParam, jsonAnswer, keyRefusals, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import type { EventTickets } from '../http/event-tickets.ts'
import { parseVersion } from '../plan/sse.ts'
import { clipProgress } from '../queries/clip-progress.ts'

const events = createRoute({
  ...signedIn,
  tags: ['clips'],
  method: 'get',
  path: '/jobs/{id}/events',
  summary: 'How a job goes, as Server-Sent Events',
  description:
    '`snapshot` first, then `changed` whenever status or progress did, each with all of it (ClipEvent); `removed` when ' +
    'the job is. Ends after `completed` or `failed`. With `Last-Event-ID` (or `last_event_id` in the query) it goes on ' +
    'with what changed since; 204 says that the job has ended and nothing did, so that browsers stop asking.',
  request: {
    params: idParam,
    query: z.object({ ticket: z.string().optional(), last_event_id: z.string().optional() }),
  },
  responses: {
    200: {
      description: 'The stream; the data of `snapshot` and `changed` is ClipEvent',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    204: { description: 'The job has ended, and nothing has changed since' },
    ...keyRefusals,
    ...refusals(404),
  },
})

const issueTicket = createRoute({
  ...signedIn,
  tags: ['clips'],
  method: 'post',
  path: '/jobs/{id}/events/ticket',
  summary: 'A ticket for a job’s event stream, where headers can’t be sent',
  description: 'Good for one minute, for this job’s stream only: open `…/events?ticket=…` with it.',
  request: { params: idParam },
  responses: {
    201: jsonAnswer(named('EventTicket', EventTicket), 'The ticket'),
    ...keyRefusals,
    ...refusals(404),
  },
})

export interface ClipEventRoutesDeps {
  db: Db
  hub: EventHub
  tickets: EventTickets
}

export function clipEventRoutes(app: ApiApp, { db, hub, tickets }: ClipEventRoutesDeps): void {
  app.openapi(issueTicket, async (c) => {
    const { id } = await ownClip(db, c.get('principal'), c.req.valid('param').id)
    const { ticket, expiresInS } = await tickets.issue(userOf(c.get('principal')), id)
    return c.json({ ticket, expires_in_s: expiresInS }, 201)
  })

  app.openapi(events, async (c) => {
    const { id } = await ownClip(db, c.get('principal'), c.req.valid('param').id)
    const lastEventId = c.req.header('last-event-id') ?? c.req.valid('query').last_event_id
    if (await isOver(id, parseVersion(lastEventId))) return c.body(null, 204)
    const place = hub.enter(userOf(c.get('principal')).userId, id)
    const read = (since: string | undefined) => clipProgress(db, id, since)
    return streamEvents(c, place, clipEvents({ clipId: id, lastEventId, read, wait: place.wait }))
  })

  /** A browser that was told the end comes back, as it does after any stream. */
  async function isOver(clipId: string, since: string | undefined): Promise<boolean> {
    const found = since === undefined ? undefined : await clipProgress(db, clipId, since)
    return found !== undefined && hasEnded(found.view) && found.rowVersions.size === 0
  }
}
