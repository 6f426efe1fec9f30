import { randomUUID } from 'node:crypto'
import { Transcript } from '@app/contracts'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { newBook } from '../testing/seed.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { saySo, spoken } from '../testing/transcripts.ts'

const CHAPTERS = '/api/v1/admin/chapters'

it.each([
  ['txt', 'text/plain; charset=utf-8', 'Handsome, clever, and rich.\n'],
  ['srt', 'application/x-subrip; charset=utf-8', '00:00:00,000 --> '],
  ['vtt', 'text/vtt; charset=utf-8', 'WEBVTT\n\n00:00:00.000 --> '],
])('gives a transcript as %s', async (format, contentType, expected) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const chapterId = await chapterOfNewBook(api)
  await saySo(api.db, chapterId, spoken(['Handsome, clever, and rich.']))

  const answer = await api.ask('GET', `${CHAPTERS}/${chapterId}/transcript?format=${format}`)

  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe(contentType)
  expect(answer.body).toContain(expected)
})

it('gives each word with its time as JSON, what is doubtful and estimated, and what it cost', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const chapterId = await chapterOfNewBook(api)
  const said = spoken(['handsome clever and rich', 'thank you thank you thank you'])
  const transcript: Transcript = {
    ...said,
    segments: said.segments.map((segment) => ({ ...segment, timesEstimated: true, doubtful: 'repeated' })),
    languageConfidence: 0.75,
    secondsBilled: 4,
    costUsd: 0.0003,
  }
  await saySo(api.db, chapterId, transcript)

  const answer = await api.ask('GET', `${CHAPTERS}/${chapterId}/transcript`)

  expect(Transcript.parse(answer.body)).toEqual(transcript)
})

it('knows no transcript before there is one, no unknown chapter, and no other format', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const chapterId = await chapterOfNewBook(api)
  const ask = async (path: string) => {
    const { status, body } = await api.ask('GET', `${CHAPTERS}/${path}`)
    return `${status} ${body.error.code}`
  }

  expect(await ask(`${chapterId}/transcript`)).toBe('404 transcript-not-found')
  expect(await ask(`${randomUUID()}/transcript`)).toBe('404 chapter-not-found')
  expect(await ask(`${chapterId}/transcript?format=pdf`)).toBe('422 invalid-query')
})

async function chapterOfNewBook(api: TestApi): Promise<string> {
  const { id } = await newBook(api)
  const { body } = await api.ask('GET', `/api/v1/admin/audiobooks/${id}`)
  return body.chapters[0].id
}
