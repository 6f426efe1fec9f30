import { ClipJobStatus, ClipResult, ClipView, SaveItJob } from '@app/contracts'
import { createRoute } from '@hono/zod-openapi'
import { ownClip } from '../clips/own-clip.ts'
import { type ReadClipDeps, readClip } from '../clips/read-clip.ts'
import { userOf } from '../http/authenticate.ts'
import { idParam, jsonAnswer, keyRefusals, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { clipStatusView, clipView } from '../plan/clip-views.ts'

const shared = { ...signedIn, tags: ['clips'], request: { params: idParam } }
const statusAnswer = jsonAnswer(named('ClipJobStatus', ClipJobStatus), 'How the job stands')

const read = createRoute({
  ...shared,
  method: 'get',
  path: '/jobs/{id}',
  summary: 'A job as lists show it: how it stands, why it failed, whose post it is, its metadata',
  responses: { 200: jsonAnswer(named('ClipView', ClipView), 'The job'), ...keyRefusals, ...refusals(404) },
})

const status = createRoute({
  ...shared,
  method: 'get',
  path: '/jobs/{id}/status',
  summary: 'How a job stands',
  responses: { 200: statusAnswer, ...keyRefusals, ...refusals(404) },
})

const result = createRoute({
  ...shared,
  method: 'get',
  path: '/jobs/{id}/result',
  summary: 'What there is of a job’s result so far',
  description:
    'What is still to come is null. The audio’s URL is signed for one hour; the thumbnail’s is public. Times are seconds.',
  responses: {
    200: jsonAnswer(named('ClipResult', ClipResult), 'The result so far'),
    ...keyRefusals,
    ...refusals(404),
  },
})

const saveIt = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/jobs/{id}',
  summary: 'Status and result of a job at SaveIt’s path',
  responses: {
    200: jsonAnswer(named('SaveItJob', SaveItJob), 'The job'),
    ...keyRefusals,
    ...refusals(404),
  },
})

const cancel = createRoute({
  ...shared,
  method: 'post',
  path: '/jobs/{id}/cancel',
  summary: 'Cancel a job that has not ended; it then shows as failed, and what is finished of it stays',
  responses: { 200: statusAnswer, ...keyRefusals, ...refusals(404, 409) },
})

const retry = createRoute({
  ...shared,
  method: 'post',
  path: '/jobs/{id}/retry',
  summary: 'Begin a new attempt of a failed or cancelled job; what is finished is not done again',
  responses: { 200: statusAnswer, ...keyRefusals, ...refusals(404, 409) },
})

const remove = createRoute({
  ...shared,
  method: 'delete',
  path: '/jobs/{id}',
  summary: 'Remove a job with its text and the stored files that only it refers to',
  responses: { 204: { description: 'Removed' }, ...keyRefusals, ...refusals(404) },
})

export interface ClipJobRoutesDeps extends ReadClipDeps {
  cancelClip: (clipId: string, who: string) => Promise<void>
  retryClip: (clipId: string, who: string) => Promise<void>
  removeClip: (clipId: string) => Promise<void>
}

/** One job of a URL, for its owner. */
export function clipJobRoutes(app: ApiApp, deps: ClipJobRoutesDeps): void {
  const { db, cancelClip, retryClip, removeClip } = deps

  app.openapi(read, async (c) => {
    return c.json(clipView(await ownClip(db, c.get('principal'), c.req.valid('param').id)), 200)
  })

  app.openapi(status, async (c) => {
    return c.json(clipStatusView(await ownClip(db, c.get('principal'), c.req.valid('param').id)), 200)
  })

  app.openapi(result, async (c) => {
    const clip = await ownClip(db, c.get('principal'), c.req.valid('param').id)
    return c.json(await readClip(deps, clip), 200)
  })

  app.openapi(saveIt, async (c) => {
    const clip = await ownClip(db, c.get('principal'), c.req.valid('param').id)
    const { result } = await readClip(deps, clip)
    return c.json({ ...clipStatusView(clip), result }, 200)
  })

  app.openapi(cancel, async (c) => {
    const { id } = await ownClip(db, c.get('principal'), c.req.valid('param').id)
    await cancelClip(id, userOf(c.get('principal')).userId)
    return c.json(clipStatusView(await ownClip(db, c.get('principal'), id)), 200)
  })

  app.openapi(retry, async (c) => {
    const { id } = await ownClip(db, c.get('principal'), c.req.valid('param').id)
    await retryClip(id, userOf(c.get('principal')).userId)
    return c.json(clipStatusView(await ownClip(db, c.get('principal'), id)), 200)
  })

  app.openapi(remove, async (c) => {
    const { id } = await ownClip(db, c.get('principal'), c.req.valid('param').id)
    await removeClip(id)
    return c.body(null, 204)
  })
}
