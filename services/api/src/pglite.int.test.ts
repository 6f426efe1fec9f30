import { startPglite, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { readEvents } from './testing/read-events.ts'
import { newBook } from './testing/seed.ts'
import { startTestApi } from './testing/test-api.ts'
import { saySo, spoken } from './testing/transcripts.ts'

const ADMIN = '/api/v1/admin'

it('does on PGlite what it does on PostgreSQL, from upload to search and removal', async () => {
  await using database = await startPglite()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api, { chapters: 2 })
  const detail = await api.ask('GET', `${ADMIN}/audiobooks/${id}`)
  await saySo(api.db, detail.body.chapters[1].id, spoken(['suddenly a white rabbit ran close by her']))
  const headers = { authorization: `Bearer ${api.token}` }
  const events = readEvents(await api.app.request(`${ADMIN}/audiobooks/${id}/events`, { headers }))

  const snapshot = await events.next()
  const hits = await Promise.all(
    ['text', 'vector', 'both'].map((mode) => api.ask('GET', `/api/v1/search?q=white+rabbit&mode=${mode}`)),
  )
  const jobs = await api.ask('GET', `${ADMIN}/audiobooks/${id}/jobs`)
  const removed = await api.ask('DELETE', `${ADMIN}/audiobooks/${id}`)
  let last = await events.next()
  // Whatever happened to its jobs before it was removed comes first.
  while (last?.name === 'changed') last = await events.next()

  expect(snapshot?.data.total_jobs).toBe(6)
  expect(hits.map(({ body }) => body.hits[0])).toMatchObject(
    ['text', 'vector', 'both'].map((match) => ({ match, quote: 'white rabbit', chapter: { position: 2 } })),
  )
  expect(jobs.body).toMatchObject({ total_jobs: 6, overall_status: 'processing' })
  expect(removed.status).toBe(204)
  expect(last).toMatchObject({ name: 'removed' })
  expect(await api.storedFiles()).toEqual([])
})
