import { RedriveProgress, Redrives, RedriveView, StartRedrive } from '@app/contracts'
import type { Db } from '@app/db'
import { redriveProgress, redrives, startRedrive, stopRedrive } from '@app/jobs'
import { createRoute } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId } from '../http/known-id.ts'
import { redriveProgressView, redriveView } from '../http/operator-views.ts'

const shared = { ...signedIn, tags: ['dead letters'] }
const progressSchema = named('RedriveProgress', RedriveProgress)

const start = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/dead-letters/redrive',
  summary: 'Give dead letters back at a pace, until too many of them fail again',
  description:
    'Means all that are open now, in the queue and with the fingerprint that are named. Every process goes on with it; ' +
    'where more than `most_failures` of those that have ended failed again (of ten at least), it stops.',
  request: { body: jsonBody(named('StartRedrive', StartRedrive)) },
  responses: {
    202: jsonAnswer(named('Redrive', RedriveView), 'It has begun'),
    ...authRefusals,
    ...refusals(400, 413, 415, 422),
  },
})

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/redrives',
  summary: 'The last redrives, newest first',
  responses: { 200: jsonAnswer(named('Redrives', Redrives), 'At most 100'), ...authRefusals },
})

const one = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/redrives/{id}',
  summary: 'How far a redrive is, and what became of the jobs',
  request: { params: idParam },
  responses: { 200: jsonAnswer(progressSchema, 'The redrive'), ...authRefusals, ...refusals(404) },
})

const stop = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/redrives/{id}/stop',
  summary: 'Give nothing back any more; what was given back goes on',
  request: { params: idParam },
  responses: { 200: jsonAnswer(progressSchema, 'The redrive'), ...authRefusals, ...refusals(404, 409) },
})

interface RedriveRoutesDeps {
  db: Db
  /** Also has this process look for redrives at once. */
  dispatchSoon: () => void
}

/** Dead letters given back by the hundred. */
export function redriveRoutes(app: ApiApp, { db, dispatchSoon }: RedriveRoutesDeps): void {
  app.openapi(start, async (c) => {
    const { queue, fingerprint, per_second: perSecond, most_failures: mostFailures } = c.req.valid('json')
    const who = userOf(c.get('principal')).userId
    const redrive = await startRedrive(db, { queue, fingerprint, perSecond, mostFailures, who })
    dispatchSoon()
    return c.json(redriveView(redrive), 202)
  })

  app.openapi(list, async (c) => c.json({ redrives: (await redrives(db)).map(redriveView) }, 200))

  app.openapi(one, async (c) => {
    const id = knownId(c.req.valid('param').id, 'redrive')
    return c.json(redriveProgressView(await redriveProgress(db, id)), 200)
  })

  app.openapi(stop, async (c) => {
    const id = knownId(c.req.valid('param').id, 'redrive')
    await stopRedrive(db, id, userOf(c.get('principal')).userId)
    return c.json(redriveProgressView(await redriveProgress(db, id)), 200)
  })
}
