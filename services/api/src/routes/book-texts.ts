import { AnalysisAnswerView, DescriptionAnswerView, ReadTextWork, RequestTextWork } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute, type z } from '@hono/zod-openapi'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { bookText } from '../texts/access.ts'
import { type RequestTextWork as RequestWork, workAccepted } from '../texts/request-text-work.ts'
import { analysisOf, descriptionOf, lastWork } from '../texts/views.ts'

const shared = { ...signedIn, tags: ['texts'] }

/** The two routes of what is written about a chapter, or a book. */
function aboutText<S extends z.ZodType>(kind: 'analysis' | 'description', what: string, answer: S) {
  const path = `/api/v1/audiobooks/{id}/${kind}` as const
  return {
    request: createRoute({
      ...shared,
      ...{ method: 'post', path, summary: `Ask for ${what} of a chapter, or of a whole book` },
      description: 'The owner’s, or an admin’s to ask. A whole book means what is transcribed of it so far.',
      request: { params: idParam, body: jsonBody(named('RequestTextWork', RequestTextWork)) },
      responses: workAccepted,
    }),
    read: createRoute({
      ...shared,
      ...{ method: 'get', path, summary: `The ${kind} of a chapter, or of a whole book` },
      description: 'With where the last work on it stands. Of public books everybody’s to read.',
      request: { params: idParam, query: ReadTextWork },
      responses: { 200: jsonAnswer(answer, 'What there is'), ...authRefusals, ...refusals(404, 422) },
    }),
  }
}

const analysis = aboutText(
  'analysis',
  'summary, topics, sentiment and category',
  named('AnalysisAnswer', AnalysisAnswerView),
)
const description = aboutText(
  'description',
  'title, description, tags and show notes',
  named('DescriptionAnswer', DescriptionAnswerView),
)

export interface BookTextRoutesDeps {
  db: Db
  requestTextWork: RequestWork
}

/** What is written about a text: of each kind the last there is, and where the work on the next one stands. */
export function bookTextRoutes(app: ApiApp, { db, requestTextWork }: BookTextRoutesDeps): void {
  app.openapi(analysis.request, async (c) => {
    const wanted = { id: c.req.valid('param').id, chapterId: c.req.valid('json').chapter_id }
    const text = await bookText(db, c.get('principal'), { ...wanted, access: 'ask' })
    return c.json(await requestTextWork({ ...text, type: 'analyze' }), 202)
  })

  app.openapi(analysis.read, async (c) => {
    const wanted = { id: c.req.valid('param').id, chapterId: c.req.valid('query').chapter_id }
    const text = await bookText(db, c.get('principal'), { ...wanted, access: 'read' })
    const work = await lastWork(db, { ...text, type: 'analyze' })
    return c.json({ analysis: await analysisOf(db, text), work }, 200)
  })

  app.openapi(description.request, async (c) => {
    const wanted = { id: c.req.valid('param').id, chapterId: c.req.valid('json').chapter_id }
    const text = await bookText(db, c.get('principal'), { ...wanted, access: 'ask' })
    return c.json(await requestTextWork({ ...text, type: 'describe' }), 202)
  })

  app.openapi(description.read, async (c) => {
    const wanted = { id: c.req.valid('param').id, chapterId: c.req.valid('query').chapter_id }
    const text = await bookText(db, c.get('principal'), { ...wanted, access: 'read' })
    const work = await lastWork(db, { ...text, type: 'describe' })
    return c.json({ description: await descriptionOf(db, text), work }, 200)
  })
}
