import { MAX_CHAPTERS } from '@app/media'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { finishedUpload } from '../testing/seed.ts'
import { startTestApi } from '../testing/test-api.ts'

it('makes a book of as many chapters as a recording may have', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const upload_id = await finishedUpload(api)
  const { inspection, id } = await api.db
    .selectFrom('media')
    .select(['id', 'inspection'])
    .executeTakeFirstOrThrow()
  const marks = Array.from({ length: MAX_CHAPTERS }, (_, index) => ({
    startMs: index * 1_000,
    endMs: (index + 1) * 1_000,
  }))
  const long = inspection as { probe: object }
  const changed = { ...long, soundEndMs: MAX_CHAPTERS * 1_000, probe: { ...long.probe, chapters: marks } }
  await api.db
    .updateTable('media')
    .set({ inspection: JSON.stringify(changed) })
    .where('id', '=', id)
    .execute()

  const created = await api.ask('POST', '/api/v1/admin/audiobooks', {
    upload_id,
    title: 'Long',
    author: 'Many',
  })
  const book = created.body.audiobook_id
  const jobs = await api.ask('GET', `/api/v1/admin/audiobooks/${book}/jobs`)
  const detail = await api.ask('GET', `/api/v1/admin/audiobooks/${book}`)
  const removed = await api.ask('DELETE', `/api/v1/admin/audiobooks/${book}`)

  expect(created).toMatchObject({ status: 201, body: { total_jobs: 2 * MAX_CHAPTERS + 2 } })
  expect(jobs.body.jobs).toHaveLength(2 * MAX_CHAPTERS + 2)
  expect(detail.body.chapters).toHaveLength(MAX_CHAPTERS)
  expect(removed.status).toBe(204)
})
