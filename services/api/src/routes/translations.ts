import { RequestTranslation, Translations, TranslationView } from '@app/contracts'
import { type Db, translationOf } from '@app/db'
import { createRoute, z } from '@hono/zod-openapi'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId } from '../http/known-id.ts'
import { Refusal } from '../http/refusal.ts'
import { TRANSCRIPT_FORMATS, TRANSCRIPT_WRITERS } from '../plan/transcript-formats.ts'
import { canonicalLanguage, translationsByLanguage } from '../plan/translations-by-language.ts'
import { lastTextWork, translationsOf } from '../queries/text-work.ts'
import { bookText } from '../texts/access.ts'
import { workAccepted } from '../texts/request-text-work.ts'
import { translationView } from '../texts/views.ts'
import type { BookTextRoutesDeps } from './book-texts.ts'

const shared = { ...signedIn, tags: ['texts'] }
const chapterParams = idParam.extend({ chapterId: z.string().meta({ format: 'uuid' }) })
const TRANSLATIONS = '/api/v1/audiobooks/{id}/chapters/{chapterId}/translations'

const translate = createRoute({
  ...shared,
  ...{ method: 'post', path: TRANSLATIONS, summary: 'Ask for a chapter’s transcript in another language' },
  description:
    'The owner’s, or an admin’s to ask. Needs a remote language model: else the work fails and says so.',
  request: { params: chapterParams, body: jsonBody(named('RequestTranslation', RequestTranslation)) },
  responses: workAccepted,
})

const listTranslations = createRoute({
  ...shared,
  ...{
    method: 'get',
    path: TRANSLATIONS,
    summary: 'The languages that a chapter is, or will be, translated into',
  },
  request: { params: chapterParams },
  responses: {
    200: jsonAnswer(named('Translations', Translations), 'By language'),
    ...authRefusals,
    ...refusals(404),
  },
})

const readTranslation = createRoute({
  ...shared,
  ...{
    method: 'get',
    path: `${TRANSLATIONS}/{language}`,
    summary: 'What is said in a chapter, in another language',
  },
  description: 'As JSON, plain text, or subtitles; one segment for each of the transcript, with its times.',
  request: {
    params: chapterParams.extend({ language: z.string() }),
    query: z.object({ format: z.enum(TRANSCRIPT_FORMATS).default('json') }),
  },
  responses: {
    200: jsonAnswer(named('Translation', TranslationView), 'The translation'),
    ...authRefusals,
    ...refusals(404, 422),
  },
})

/** A chapter's transcript in other languages. */
export function translationRoutes(app: ApiApp, { db, requestTextWork }: BookTextRoutesDeps): void {
  app.openapi(translate, async (c) => {
    const { id, chapterId } = chapterIn(c.req.valid('param'))
    const text = await bookText(db, c.get('principal'), { id, chapterId, access: 'ask' })
    const language = canonicalLanguage(c.req.valid('json').language)
    return c.json(await requestTextWork({ ...text, type: 'translate', language }), 202)
  })

  app.openapi(listTranslations, async (c) => {
    const { id, chapterId } = chapterIn(c.req.valid('param'))
    const { audiobookId } = await bookText(db, c.get('principal'), { id, chapterId, access: 'read' })
    const works = await lastTextWork(db, { audiobookId, chapterId, type: 'translate' })
    const translations = translationsByLanguage(await translationsOf(db, chapterId), works)
    return c.json({ translations }, 200)
  })

  app.openapi(readTranslation, async (c) => {
    const { id, chapterId } = chapterIn(c.req.valid('param'))
    await bookText(db, c.get('principal'), { id, chapterId, access: 'read' })
    const translation = await readyTranslation(db, chapterId, c.req.valid('param').language)
    const { format } = c.req.valid('query')
    if (format === 'json') return c.json(translationView(translation), 200)
    const { contentType, write } = TRANSCRIPT_WRITERS[format]
    c.header('content-type', contentType)
    const segments = translation.segments.map((segment) => ({ ...segment, words: [] }))
    // The document describes the JSON answer; the others are text.
    return c.body(write({ segments })) as never
  })
}

const chapterIn = ({ id, chapterId }: { id: string; chapterId: string }) => ({
  ...{ id, chapterId: knownId(chapterId, 'chapter') },
})

async function readyTranslation(db: Db, chapterId: string, language: string) {
  const translation = await translationOf(db, chapterId, canonicalLanguage(language))
  if (translation) return translation
  throw new Refusal('translation-not-found', 'this chapter is not translated into this language')
}
