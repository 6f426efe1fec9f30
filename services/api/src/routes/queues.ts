import type { Bus } from '@app/bus'
import { PauseQueue, Queues, QueueView } from '@app/contracts'
import type { Db } from '@app/db'
import { drainQueue, pauseQueue, queueState, queueStates, resumeQueue } from '@app/jobs'
import { createRoute, z } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, jsonAnswer, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { notFound } from '../http/known-id.ts'
import { queueView } from '../http/operator-views.ts'

const QUEUE = '/api/v1/admin/queues/{queue}'
/** What can be no queue's name is as unknown as any other: 404, which handlers answer. */
const queueParam = z.object({ queue: z.string() })
const queueSchema = named('Queue', QueueView)
const shared = { ...signedIn, tags: ['queues'] }
const change = {
  ...shared,
  method: 'post' as const,
  request: {
    params: queueParam,
    body: { required: false, content: { 'application/json': { schema: named('PauseQueue', PauseQueue) } } },
  },
}
const unknownQueue = { ...authRefusals, ...refusals(404) }
const badChange = { ...authRefusals, ...refusals(400, 404, 413, 415, 422) }

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/queues',
  summary: 'Every queue: what waits, what runs, since when, and who works on it',
  responses: { 200: jsonAnswer(named('Queues', Queues), 'The queues'), ...authRefusals },
})

const one = createRoute({
  ...shared,
  method: 'get',
  path: QUEUE,
  summary: 'One queue',
  request: { params: queueParam },
  responses: { 200: jsonAnswer(queueSchema, 'The queue'), ...unknownQueue },
})

const pause = createRoute({
  ...change,
  path: `${QUEUE}/pause`,
  summary: 'Stop the starts of a queue’s jobs; what runs goes on',
  responses: { 200: jsonAnswer(queueSchema, 'The queue as it is now'), ...badChange },
})

const drain = createRoute({
  ...change,
  path: `${QUEUE}/drain`,
  summary: 'Pause, and wait until nothing of the queue runs: it is drained when `jobs.running` is gone',
  responses: { 202: jsonAnswer(queueSchema, 'The queue as it is now'), ...badChange },
})

const resume = createRoute({
  ...shared,
  method: 'post',
  path: `${QUEUE}/resume`,
  summary: 'Let a queue’s jobs start again',
  request: { params: queueParam },
  responses: { 200: jsonAnswer(queueSchema, 'The queue as it is now'), ...unknownQueue },
})

export interface QueueRoutesDeps {
  db: Db
  bus: Bus
  /** Jobs may be due. */
  dispatchSoon: () => void
}

/** What operators see of the queues, and how they stop and start them. */
export function queueRoutes(app: ApiApp, { db, bus, dispatchSoon }: QueueRoutesDeps): void {
  app.openapi(list, async (c) => {
    const states = await queueStates(db, bus)
    return c.json({ queues: states.map(queueView) }, 200)
  })

  app.openapi(one, async (c) => c.json(await viewOf(nameOf(c.req.valid('param'))), 200))

  app.openapi(pause, async (c) => {
    const queue = nameOf(c.req.valid('param'))
    await pauseQueue(db, queue, { who: userOf(c.get('principal')).userId, ...c.req.valid('json') })
    return c.json(await viewOf(queue), 200)
  })

  app.openapi(drain, async (c) => {
    const queue = nameOf(c.req.valid('param'))
    await drainQueue(db, queue, { who: userOf(c.get('principal')).userId, ...c.req.valid('json') })
    return c.json(await viewOf(queue), 202)
  })

  app.openapi(resume, async (c) => {
    const queue = nameOf(c.req.valid('param'))
    await resumeQueue({ db, bus }, queue, userOf(c.get('principal')).userId)
    dispatchSoon()
    return c.json(await viewOf(queue), 200)
  })

  async function viewOf(queue: string): Promise<QueueView> {
    const state = await queueState(db, bus, queue)
    if (!state) throw notFound('queue')
    return queueView(state)
  }
}

function nameOf({ queue }: z.infer<typeof queueParam>): string {
  if (!/^[\w-]{1,200}$/.test(queue)) throw notFound('queue')
  return queue
}
