import { randomUUID } from 'node:crypto'
import { inTransaction, replaceAiOutput, replaceTranslation } from '@app/db'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { userToken } from '../testing/tokens.ts'
import { saySo, spoken } from '../testing/transcripts.ts'

const SAID = ['call me ishmael', 'some years ago never mind how long precisely']
const ORIGIN = { provider: 'openai', model: 'gpt-6-luna', promptVersion: 'test-1' }

/** A book of two chapters, the first of which has been transcribed; nothing is behind them that plays. */
async function transcribedBook(api: TestApi, { isPublic = false } = {}) {
  const { id: media_id } = await api.db
    .insertInto('media')
    .values({ sha256: randomUUID(), object_key: 'none', size_bytes: 1, duration_ms: 1, inspection: '{}' })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id, owner_id } = await api.db
    .insertInto('audiobooks')
    .values({ owner_id: randomUUID(), title: 'Emma', author: 'Jane Austen', is_public: isPublic })
    .returning(['id', 'owner_id'])
    .executeTakeFirstOrThrow()
  const chapter = { audiobook_id: id, media_id, start_ms: 0, end_ms: 1, source: 'file' as const }
  const rows = await api.db
    .insertInto('chapters')
    .values([1, 2].map((position) => ({ ...chapter, position, title: `Chapter ${position}` })))
    .returning(['id', 'position'])
    .execute()
  const [first = '', second = ''] = rows.toSorted((a, b) => a.position - b.position).map((row) => row.id)
  await saySo(api.db, first, spoken(SAID))
  const base = `/api/v1/audiobooks/${id}`
  return {
    id,
    ownerId: owner_id,
    first,
    second,
    base,
    translations: `${base}/chapters/${first}/translations`,
  }
}

it('takes a translation as one job of the owner’s, which is no part of making the book', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const book = await transcribedBook(api)

  const asked = await api.ask('POST', book.translations, { language: 'pt-br' })
  const again = await api.ask('POST', book.translations, { language: 'PT-BR' })
  const other = await api.ask('POST', book.translations, { language: 'de' })

  expect(asked).toMatchObject({ status: 202, body: { status: 'queued', progress: 0 } })
  expect(again.body.job_id).toBe(asked.body.job_id)
  expect(other.body.job_id).not.toBe(asked.body.job_id)
  const job = await api.db
    .selectFrom('processing_jobs')
    .select(['type', 'chapter_id', 'owner_id', 'input'])
    .where('id', '=', asked.body.job_id)
    .executeTakeFirst()
  const input = { audiobookId: book.id, chapterId: book.first, language: 'pt-BR' }
  expect(job).toEqual({ type: 'translate', chapter_id: book.first, owner_id: book.ownerId, input })
  const jobs = await api.ask('GET', `/api/v1/admin/audiobooks/${book.id}/jobs`)
  expect(jobs.body.total_jobs).toBe(0)
  const list = await api.ask('GET', book.translations)
  expect(list.body.translations).toMatchObject([
    { language: 'de', translation: null, work: { status: 'queued' } },
    { language: 'pt-BR', translation: null, work: { job_id: asked.body.job_id } },
  ])
})

it('shows a translation as JSON and as subtitles, and that a later one failed', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const book = await transcribedBook(api)
  const segments = spoken(SAID).segments.map(({ startMs, endMs }, index) => ({
    ...{ startMs, endMs, text: ['nennt mich ismael', 'vor einigen jahren'][index] ?? '' },
  }))
  const translation = { ...ORIGIN, language: 'de', sourceLanguage: 'en', segments }
  await inTransaction(api.db, (trx) => replaceTranslation(trx, book.first, translation))
  const { body } = await api.ask('POST', book.translations, { language: 'de' })
  await api.db
    .updateTable('processing_jobs')
    .set({ status: 'failed', error_code: 'content-refused', error_message: 'it refuses' })
    .where('id', '=', body.job_id)
    .execute()

  const json = await api.ask('GET', `${book.translations}/DE`)
  const vtt = await api.ask('GET', `${book.translations}/de?format=vtt`)
  const list = await api.ask('GET', book.translations)

  expect(json.body).toMatchObject({ language: 'de', source_language: 'en', prompt_version: 'test-1' })
  expect(json.body.segments[0]).toEqual({ start_ms: 0, end_ms: 1_200, text: 'nennt mich ismael' })
  expect(vtt.body).toContain('00:00:00.000 --> 00:00:01.200\nnennt mich ismael')
  expect(list.body.translations).toMatchObject([
    { translation: { model: 'gpt-6-luna' }, work: { status: 'failed', error_code: 'content-refused' } },
  ])
})

it('takes and shows analyses and descriptions of a chapter and of a book, each by itself', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const book = await transcribedBook(api)
  const analysis = { summary: 'A whale.', topics: ['whales'], sentiment: null, category: null }
  const described = {
    title: 'Moby',
    description: 'A whale.',
    tags: ['whale'],
    showNotes: [{ startMs: 5, text: 'x' }],
  }
  await inTransaction(api.db, async (trx) => {
    const whole = { subjectKind: 'audiobook', subjectId: book.id }
    const chapter = { subjectKind: 'chapter', subjectId: book.first }
    await replaceAiOutput(trx, { ...whole, kind: 'analysis', content: analysis, origin: ORIGIN })
    await replaceAiOutput(trx, { ...chapter, kind: 'description', content: described, origin: ORIGIN })
  })

  const asked = [
    await api.ask('POST', `${book.base}/analysis`, {}),
    await api.ask('POST', `${book.base}/analysis`, { chapter_id: book.first }),
    await api.ask('POST', `${book.base}/description`, { chapter_id: book.first }),
  ]
  const ofBook = await api.ask('GET', `${book.base}/analysis`)
  const ofChapter = await api.ask('GET', `${book.base}/analysis?chapter_id=${book.first}`)
  const description = await api.ask('GET', `${book.base}/description?chapter_id=${book.first}`)

  expect(asked.map(({ status }) => status)).toEqual([202, 202, 202])
  expect(new Set(asked.map(({ body }) => body.job_id)).size).toBe(3)
  expect(ofBook.body).toMatchObject({ analysis, work: { job_id: asked[0]?.body.job_id } })
  expect(ofChapter.body).toMatchObject({ analysis: null, work: { job_id: asked[1]?.body.job_id } })
  expect(description.body).toMatchObject({
    description: { title: 'Moby', show_notes: [{ start_ms: 5, text: 'x' }], prompt_version: 'test-1' },
  })
})

it('lets owners and admins ask, and whoever may see the book read', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [own, open] = [await transcribedBook(api), await transcribedBook(api, { isPublic: true })]
  const userId = randomUUID()
  const asUser = { authorization: `Bearer ${await userToken({ userId })}` }
  const statuses = async (book: { base: string; translations: string }) => [
    (await api.ask('POST', `${book.base}/analysis`, {}, asUser)).status,
    (await api.ask('POST', book.translations, { language: 'de' }, asUser)).status,
    (await api.ask('GET', `${book.base}/analysis`, undefined, asUser)).status,
    (await api.ask('GET', book.translations, undefined, asUser)).status,
  ]

  expect(await statuses(open)).toEqual([403, 403, 200, 200])
  expect(await statuses(own)).toEqual([403, 403, 403, 403])
  await api.db.updateTable('audiobooks').set({ owner_id: userId }).where('id', '=', own.id).execute()
  expect(await statuses(own)).toEqual([202, 202, 200, 200])
})

it('refuses what can not be done, by name', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [book, other] = [await transcribedBook(api), await transcribedBook(api)]
  const chapter = (id: string) => `${book.base}/chapters/${id}/translations`
  const codeOf = async (method: string, path: string, body?: unknown) => {
    const answer = await api.ask(method, path, body)
    return [answer.status, answer.body.error?.code]
  }

  expect(await codeOf('POST', chapter(book.second), { language: 'de' })).toEqual([
    404,
    'transcript-not-found',
  ])
  expect(await codeOf('POST', chapter(other.first), { language: 'de' })).toEqual([404, 'chapter-not-found'])
  expect(await codeOf('POST', chapter('odd'), { language: 'de' })).toEqual([404, 'chapter-not-found'])
  expect(await codeOf('POST', book.translations, { language: 'EN' })).toEqual([422, 'same-language'])
  expect(await codeOf('POST', book.translations, { language: 'in German, please' })).toEqual([
    422,
    'invalid-body',
  ])
  expect(await codeOf('GET', `${book.translations}/fr`)).toEqual([404, 'translation-not-found'])
  const nobodys = `/api/v1/audiobooks/${randomUUID()}/analysis`
  expect(await codeOf('POST', nobodys, {})).toEqual([404, 'audiobook-not-found'])
})

it('removes all of it with the book', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const book = await transcribedBook(api)
  await api.ask('POST', book.translations, { language: 'de' })
  await inTransaction(api.db, async (trx) => {
    const chapter = { subjectKind: 'chapter', subjectId: book.first, kind: 'analysis' }
    await replaceAiOutput(trx, { ...chapter, content: {}, origin: ORIGIN })
  })

  expect((await api.ask('DELETE', `/api/v1/admin/audiobooks/${book.id}`)).status).toBe(204)

  for (const table of ['ai_outputs', 'translations', 'embedded_chapters', 'processing_jobs'] as const) {
    expect(await api.db.selectFrom(table).selectAll().execute()).toEqual([])
  }
})
