import {
  DeadLetterFull,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLettersDiscarded,
  DiscardDeadLetter,
  DiscardDeadLetters,
  JobStatusSet,
  ListDeadLetterGroups,
  ListDeadLetters,
} from '@app/contracts'
import type { Db } from '@app/db'
import {
  countOpenDeadLetters,
  deadLetterById,
  deadLetterGroups,
  discardDeadLetter,
  discardDeadLetters,
  openDeadLetters,
} from '@app/jobs'
import { createRoute } from '@hono/zod-openapi'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId } from '../http/known-id.ts'
import { deadLetterFull, deadLetterGroupView, deadLetterView } from '../http/operator-views.ts'
import { jobState } from '../queries/job-state.ts'

const LETTERS = '/api/v1/admin/dead-letters'
const shared = { ...signedIn, tags: ['dead letters'] }
const fullSchema = named('DeadLetterFull', DeadLetterFull)

const list = createRoute({
  ...shared,
  method: 'get',
  path: LETTERS,
  summary: 'Jobs that were given up and that nobody has dealt with, oldest first',
  request: { query: ListDeadLetters },
  responses: {
    200: jsonAnswer(named('DeadLetterPage', DeadLetterPage), 'One page'),
    ...authRefusals,
    ...refusals(422),
  },
})

const groups = createRoute({
  ...shared,
  method: 'get',
  path: `${LETTERS}/groups`,
  summary: 'The same by what went wrong, the most frequent first',
  request: { query: ListDeadLetterGroups },
  responses: {
    200: jsonAnswer(named('DeadLetterGroups', DeadLetterGroups), 'The groups'),
    ...authRefusals,
    ...refusals(422),
  },
})

const one = createRoute({
  ...shared,
  method: 'get',
  path: `${LETTERS}/{id}`,
  summary: 'One dead letter with its stack, and what became of it',
  request: { params: idParam },
  responses: { 200: jsonAnswer(fullSchema, 'The dead letter'), ...authRefusals, ...refusals(404) },
})

const redrive = createRoute({
  ...shared,
  method: 'post',
  path: `${LETTERS}/{id}/redrive`,
  summary: 'Give its job a new life; what waits for it goes on from there',
  request: { params: idParam },
  responses: {
    200: jsonAnswer(named('JobStatusSet', JobStatusSet), 'The job’s state now'),
    ...authRefusals,
    ...refusals(404, 409),
  },
})

const discard = createRoute({
  ...shared,
  method: 'post',
  path: `${LETTERS}/{id}/discard`,
  summary: 'Say that it will not be run again, and why; its job stays failed',
  request: { params: idParam, body: jsonBody(named('DiscardDeadLetter', DiscardDeadLetter)) },
  responses: {
    200: jsonAnswer(fullSchema, 'The dead letter'),
    ...authRefusals,
    ...refusals(400, 404, 409, 413, 415, 422),
  },
})

const discardMany = createRoute({
  ...shared,
  method: 'post',
  path: `${LETTERS}/discard`,
  summary: 'The same for all that are in a queue, or went wrong in the same way',
  request: { body: jsonBody(named('DiscardDeadLetters', DiscardDeadLetters)) },
  responses: {
    200: jsonAnswer(named('DeadLettersDiscarded', DeadLettersDiscarded), 'How many those were'),
    ...authRefusals,
    ...refusals(400, 413, 415, 422),
  },
})

export interface DeadLetterRoutesDeps {
  db: Db
  /** Returns the job's id. */
  redriveDeadLetter: (id: string, who: string) => Promise<string>
}

/** Jobs that were given up: looked at, given back, or put aside for good. */
export function deadLetterRoutes(app: ApiApp, { db, redriveDeadLetter }: DeadLetterRoutesDeps): void {
  app.openapi(list, async (c) => {
    const { page, page_size, ...filter } = c.req.valid('query')
    const [letters, total] = await Promise.all([
      openDeadLetters(db, { ...filter, limit: page_size, offset: (page - 1) * page_size }),
      countOpenDeadLetters(db, filter),
    ])
    return c.json({ page, page_size, total, dead_letters: letters.map(deadLetterView) }, 200)
  })

  app.openapi(groups, async (c) => {
    const found = await deadLetterGroups(db, c.req.valid('query'))
    return c.json({ groups: found.map(deadLetterGroupView) }, 200)
  })

  app.openapi(one, async (c) => {
    const id = knownId(c.req.valid('param').id, 'dead-letter')
    return c.json(deadLetterFull(await deadLetterById(db, id)), 200)
  })

  app.openapi(redrive, async (c) => {
    const id = knownId(c.req.valid('param').id, 'dead-letter')
    const jobId = await redriveDeadLetter(id, userOf(c.get('principal')).userId)
    return c.json(await jobState(db, jobId), 200)
  })

  app.openapi(discardMany, async (c) => {
    const { all: _, reason, ...filter } = c.req.valid('json')
    const by = { who: userOf(c.get('principal')).userId, reason }
    return c.json({ discarded: await discardDeadLetters(db, filter, by) }, 200)
  })

  app.openapi(discard, async (c) => {
    const id = knownId(c.req.valid('param').id, 'dead-letter')
    const by = { who: userOf(c.get('principal')).userId, ...c.req.valid('json') }
    await discardDeadLetter(db, id, by)
    return c.json(deadLetterFull(await deadLetterById(db, id)), 200)
  })
}
