import {
  AudiobookCreated,
  AudiobookDetail,
  AudiobookPage,
  AudiobooksCreated,
  CreateAudiobook,
  CreateAudiobooks,
  ListAudiobooks,
  UpdateAudiobook,
} from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute } from '@hono/zod-openapi'
import { changeAudiobook } from '../books/change-audiobook.ts'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { listAudiobooks } from '../queries/audiobooks.ts'

const shared = { ...signedIn, tags: ['audiobooks'] }
const detailSchema = named('AudiobookDetail', AudiobookDetail)

const create = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/audiobooks',
  summary: 'Make an audiobook of a finished upload',
  description:
    'Title, author, description and language may be left out where the recording’s tags name them. ' +
    'Works while Redis is down: the jobs run once it is back.',
  request: { body: jsonBody(named('CreateAudiobook', CreateAudiobook)) },
  responses: {
    201: jsonAnswer(named('AudiobookCreated', AudiobookCreated), 'The book and its jobs exist'),
    ...authRefusals,
    ...refusals(400, 404, 409, 413, 415, 422),
  },
})

const createMany = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/audiobooks/batch',
  summary: 'Make several audiobooks, each accepted or refused by itself',
  request: {
    body: jsonBody(CreateAudiobooks.meta({ id: 'CreateAudiobooks', description: 'CreateAudiobook each' })),
  },
  responses: {
    201: jsonAnswer(named('AudiobooksCreated', AudiobooksCreated), 'All were accepted'),
    207: jsonAnswer(named('AudiobooksCreated', AudiobooksCreated), 'Some were refused: each result says'),
    ...authRefusals,
    ...refusals(400, 413, 415, 422),
  },
})

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/audiobooks',
  summary: 'Audiobooks, newest first',
  request: { query: ListAudiobooks },
  responses: {
    200: jsonAnswer(named('AudiobookPage', AudiobookPage), 'One page'),
    ...authRefusals,
    ...refusals(422),
  },
})

const detail = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/audiobooks/{id}',
  summary: 'A book with its chapters and what is ready of its text',
  description: 'Media URLs are signed for one hour.',
  request: { params: idParam },
  responses: { 200: jsonAnswer(detailSchema, 'The book'), ...authRefusals, ...refusals(404) },
})

const update = createRoute({
  ...shared,
  method: 'put',
  path: '/api/v1/admin/audiobooks/{id}',
  summary: 'Change what is said about a book; what is not named stays',
  description: 'Another language also holds for chapters that are yet to be transcribed, or tried again.',
  request: { params: idParam, body: jsonBody(named('UpdateAudiobook', UpdateAudiobook)) },
  responses: {
    200: jsonAnswer(detailSchema, 'The book'),
    ...authRefusals,
    ...refusals(400, 404, 413, 415, 422),
  },
})

const remove = createRoute({
  ...shared,
  method: 'delete',
  path: '/api/v1/admin/audiobooks/{id}',
  summary: 'Remove a book with its jobs, text, upload and stored files',
  request: { params: idParam },
  responses: { 204: { description: 'Removed' }, ...authRefusals, ...refusals(404) },
})

export interface AudiobookRoutesDeps {
  db: Db
  createAudiobook: (ownerId: string, request: CreateAudiobook) => Promise<AudiobookCreated>
  createAudiobooks: (ownerId: string, requests: readonly unknown[]) => Promise<AudiobooksCreated>
  readAudiobook: (audiobookId: string) => Promise<AudiobookDetail>
  removeAudiobook: (audiobookId: string) => Promise<void>
}

export function audiobookRoutes(app: ApiApp, deps: AudiobookRoutesDeps): void {
  app.openapi(create, async (c) => {
    const { userId } = userOf(c.get('principal'))
    return c.json(await deps.createAudiobook(userId, c.req.valid('json')), 201)
  })

  app.openapi(createMany, async (c) => {
    const { userId } = userOf(c.get('principal'))
    const answer = await deps.createAudiobooks(userId, c.req.valid('json'))
    const isAccepted = answer.results.every((result) => !('error' in result))
    return isAccepted ? c.json(answer, 201) : c.json(answer, 207)
  })

  app.openapi(list, async (c) => {
    const { page, page_size, status, search } = c.req.valid('query')
    const found = await listAudiobooks(deps.db, { page, pageSize: page_size, status, search })
    return c.json({ page, page_size, ...found }, 200)
  })

  app.openapi(detail, async (c) => {
    return c.json(await deps.readAudiobook(knownId(c.req.valid('param').id, 'audiobook')), 200)
  })

  app.openapi(update, async (c) => {
    const id = knownId(c.req.valid('param').id, 'audiobook')
    if (!(await changeAudiobook(deps.db, id, c.req.valid('json')))) throw notFound('audiobook')
    return c.json(await deps.readAudiobook(id), 200)
  })

  app.openapi(remove, async (c) => {
    await deps.removeAudiobook(knownId(c.req.valid('param').id, 'audiobook'))
    return c.body(null, 204)
  })
}
