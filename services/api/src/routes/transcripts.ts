import { Transcript } from '@app/contracts'
import { type Db, transcriptOf } from '@app/db'
import { createRoute, z } from '@hono/zod-openapi'
import { authRefusals, idParam, jsonAnswer, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { TRANSCRIPT_FORMATS, TRANSCRIPT_WRITERS } from '../plan/transcript-formats.ts'
import { chapterOf } from '../queries/book-text.ts'

const read = createRoute({
  ...signedIn,
  tags: ['transcripts'],
  method: 'get',
  path: '/api/v1/admin/chapters/{id}/transcript',
  summary: 'What is said in a chapter',
  description:
    'As JSON with the time of each word, as plain text, or as subtitles. Times count from the chapter’s start.',
  request: {
    params: idParam,
    query: z.object({ format: z.enum(TRANSCRIPT_FORMATS).default('json') }),
  },
  responses: {
    200: jsonAnswer(named('Transcript', Transcript), 'The transcript'),
    ...authRefusals,
    ...refusals(404, 422),
  },
})

export interface TranscriptRoutesDeps {
  db: Db
}

export function transcriptRoutes(app: ApiApp, { db }: TranscriptRoutesDeps): void {
  app.openapi(read, async (c) => {
    const chapter = await chapterOf(db, knownId(c.req.valid('param').id, 'chapter'))
    if (!chapter) throw notFound('chapter')
    const transcript = await transcriptOf(db, chapter.id)
    if (!transcript) throw new Refusal('transcript-not-found', 'this chapter has no transcript yet')
    const { format } = c.req.valid('query')
    if (format === 'json') return c.json(transcript, 200)
    const { contentType, write } = TRANSCRIPT_WRITERS[format]
    c.header('content-type', contentType)
    // The document describes the JSON answer; the others are text.
    return c.body(write(transcript)) as never
  })
}
