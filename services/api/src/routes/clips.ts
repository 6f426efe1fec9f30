import { ClipCreated, ClipPage, ClipsCreated, CreateClip, CreateClips, ListClips } from '@app/contracts'
import { createRoute } from '@hono/zod-openapi'
import { type CreateClipsDeps, createClip, createClips } from '../clips/create-clips.ts'
import { idempotencyHeader } from '../clips/idempotency.ts'
import { userOf } from '../http/authenticate.ts'
import { jsonAnswer, jsonBody, keyRefusals, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { clipView } from '../plan/clip-views.ts'
import { listClips } from '../queries/clips.ts'

const shared = { ...signedIn, tags: ['clips'] }

const creation = {
  ...shared,
  method: 'post',
  description:
    'Answers at once: what the URL says is judged, nobody is asked. `url_unsupported` lists what is supported; ' +
    '`url_forbidden` is an address that leads into a private network. One that turns out to lead there when its name ' +
    'is resolved fails the job with the same code. `Idempotency-Key`: the same request gets the same answer, another ' +
    'one under the same key 422; the key is free again once its job is deleted.',
  request: { headers: idempotencyHeader, body: jsonBody(named('CreateClip', CreateClip)) },
  responses: {
    201: jsonAnswer(named('ClipCreated', ClipCreated), 'The job exists'),
    ...keyRefusals,
    ...refusals(400, 409, 413, 415, 422),
  },
} as const

const create = createRoute({
  ...creation,
  path: '/jobs/create',
  summary: 'Make a job of a video’s URL: sound, thumbnail, transcript, analysis, embedding',
})

const process = createRoute({
  ...creation,
  path: '/api/v1/process',
  summary: 'The same at SaveIt’s path',
})

const createMany = createRoute({
  ...shared,
  method: 'post',
  path: '/jobs/batch',
  summary: 'Make jobs of up to 1000 URLs, each accepted or refused by itself',
  description:
    'A line is a URL, or an object as `/jobs/create` takes it; what stands beside `urls` holds for all lines that do ' +
    'not say otherwise. Results are in the order of the lines. With an `Idempotency-Key` the same batch can be sent ' +
    'again and makes nothing twice.',
  request: { headers: idempotencyHeader, body: jsonBody(named('CreateClips', CreateClips)) },
  responses: {
    201: jsonAnswer(named('ClipsCreated', ClipsCreated), 'All were accepted'),
    207: jsonAnswer(named('ClipsCreated', ClipsCreated), 'Some were refused: each result says'),
    ...keyRefusals,
    ...refusals(400, 413, 415, 422),
  },
})

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/jobs',
  summary: 'Own jobs, newest first',
  request: { query: ListClips },
  responses: {
    200: jsonAnswer(named('ClipPage', ClipPage), 'One page'),
    ...keyRefusals,
    ...refusals(422),
  },
})

/** Jobs are made of URLs, and listed. */
export function clipRoutes(app: ApiApp, deps: CreateClipsDeps): void {
  for (const route of [create, process]) {
    app.openapi(route, async (c) => {
      const idempotencyKey = c.req.valid('header')['idempotency-key']
      const asked = { request: c.req.valid('json'), idempotencyKey }
      const created = await createClip(deps, userOf(c.get('principal')), asked)
      c.header('location', `/jobs/${created.job_id}/status`)
      return c.json(created, 201)
    })
  }

  app.openapi(createMany, async (c) => {
    const idempotencyKey = c.req.valid('header')['idempotency-key']
    const asked = { request: c.req.valid('json'), idempotencyKey }
    const created = await createClips(deps, userOf(c.get('principal')), asked)
    return created.refused === 0 ? c.json(created, 201) : c.json(created, 207)
  })

  app.openapi(list, async (c) => {
    const { page, page_size, ...filter } = c.req.valid('query')
    const { userId } = userOf(c.get('principal'))
    const { clips, total } = await listClips(deps.db, userId, { filter, page, pageSize: page_size })
    return c.json({ page, page_size, total, jobs: clips.map(clipView) }, 200)
  })
}
