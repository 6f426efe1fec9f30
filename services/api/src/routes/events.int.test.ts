import { randomUUID } from 'node:crypto'
import { AudiobookEvent, type JobEvent } from '@app/contracts'
import { connectDb } from '@app/db'
import { ownRedis, realPostgres, testDatabase, testRedis } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { type ReceivedEvent, readEvents } from '../testing/read-events.ts'
import { newBook } from '../testing/seed.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { userToken } from '../testing/tokens.ts'

const ADMIN = '/api/v1/admin'

it('tells a snapshot first, then what changes, with the totals of all', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const response = await open(api, id)
  const events = readEvents(response)

  const snapshot = await events.next()
  await complete(api, 'transcribe')
  const changed = await events.next()
  await events.close()

  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(snapshot).toMatchObject({ name: 'snapshot', data: { total_jobs: 4, completed_jobs: 0 } })
  expect(AudiobookEvent.parse(snapshot?.data).jobs).toHaveLength(4)
  expect(changed).toMatchObject({
    name: 'changed',
    data: { total_jobs: 4, completed_jobs: 1, progress: 0.25 },
  })
  expect(changed?.data.jobs.map((job) => job.job_type)).toEqual(['transcribe'])
})

it('tells of a job again when a child of it moves on', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  await sql`update processing_jobs set status = 'waiting' where type = 'transcribe'`.execute(api.db)
  await sql`
    insert into processing_jobs (parent_id, subject_kind, subject_id, owner_id, type, version, queue, input,
      max_attempts, status)
    select id, subject_kind, subject_id, owner_id, type, version, queue, input, max_attempts, 'running'
    from processing_jobs where type = 'transcribe'`.execute(api.db)
  const events = readEvents(await open(api, id))
  await events.next()

  await sql`update processing_jobs set progress = 0.5 where parent_id is not null`.execute(api.db)
  const changed = await events.next()
  await events.close()

  expect(changed).toMatchObject({ name: 'changed', data: { total_jobs: 4, progress: 0.125 } })
  expect(changed?.data.jobs).toMatchObject([{ job_type: 'transcribe', status: 'waiting', progress: 0.5 }])
})

it('goes on from the last event a client had, with everything since', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const first = readEvents(await open(api, id))
  const snapshot = await first.next()
  await first.close()
  await complete(api, 'transcribe')
  await complete(api, 'tag')

  const again = readEvents(await open(api, id, { 'last-event-id': snapshot?.id ?? '' }))
  const missed = await again.next()
  await again.close()
  const later = readEvents(await open(api, id, {}, `last_event_id=${missed?.id}`))
  await complete(api, 'embed')
  const next = await later.next()
  await later.close()

  expect(missed).toMatchObject({ name: 'changed', data: { completed_jobs: 2 } })
  // Others may come again: a transaction anywhere on the server holds the version back.
  expect(missed?.data.jobs.map((job) => job.job_type)).toEqual(expect.arrayContaining(['tag', 'transcribe']))
  expect(next?.data.jobs.map((job) => job.job_type)).toContain('embed')
})

// PGlite has one transaction at a time: what this is about can't happen there, and waiting for it would hang.
it.skipIf(!realPostgres())(
  'misses no change of a transaction that began before the last event and commits after it',
  async () => {
    await using database = await testDatabase()
    await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
    const { id } = await newBook(api)
    const other = connectDb(database.url, { onIdleError: () => {} })
    const open_ = Promise.withResolvers<void>()
    const written = Promise.withResolvers<void>()
    const slow = other.transaction().execute(async (trx) => {
      await trx.updateTable('processing_jobs').set({ progress: 0.5 }).where('type', '=', 'tag').execute()
      written.resolve()
      await open_.promise
    })
    await written.promise
    await complete(api, 'transcribe')
    const first = readEvents(await open(api, id))
    const snapshot = await first.next()
    await first.close()
    open_.resolve()
    await slow

    const again = readEvents(await open(api, id, { 'last-event-id': snapshot?.id ?? '' }))
    const missed = await again.next()
    await again.close()
    await other.destroy()

    expect(snapshot?.data.jobs.find((job) => job.job_type === 'tag')?.progress).toBe(0)
    expect(missed?.data.jobs.find((job) => job.job_type === 'tag')?.progress).toBe(0.5)
  },
)

it.each(['99999999999999999', 'nonsense', '-1'])(
  'tells everything to a client whose last event is none of ours (%s)',
  async (lastEventId) => {
    await using database = await testDatabase()
    await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
    const { id } = await newBook(api)

    const events = readEvents(await open(api, id, { 'last-event-id': lastEventId }))
    const event = await events.next()
    await events.close()

    expect(event).toMatchObject({ name: 'snapshot' })
  },
)

it('loses nothing when Redis dies and is emptied while a stream is open', async () => {
  await using database = await testDatabase()
  await using redis = await ownRedis()
  await using api = await startTestApi({ databaseUrl: database.url, redis })
  const { id } = await newBook(api)
  const events = readEvents(await open(api, id))
  await events.next()

  await redis.kill()
  await complete(api, 'transcribe')
  const withoutRedis = await events.next()
  await events.close()

  expect(withoutRedis).toMatchObject({ name: 'changed', data: { completed_jobs: 1 } })
})

it('looks at once when Redis says that something changed', async () => {
  await using database = await testDatabase()
  const redis = testRedis()
  await using api = await startTestApi({ databaseUrl: database.url, redis, streamPollMs: 600_000 })
  const { id } = await newBook(api)
  const events = readEvents(await open(api, id))
  const snapshot = await events.next()
  await complete(api, 'transcribe')

  let changed: ReceivedEvent | undefined
  void events.next().then((event) => {
    changed = event
  })
  // Again and again: what is said before the API listens is said to nobody.
  await vi.waitFor(async () => {
    await api.bus.publishEvents([eventOf(id, snapshot?.data.jobs[0]?.id ?? '')])
    expect(changed).toBeDefined()
  }, 20_000)
  await events.close()

  expect(changed).toMatchObject({ name: 'changed', data: { completed_jobs: 1 } })
})

it('says that a book was removed, and ends', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  const events = readEvents(await open(api, id))
  await events.next()

  await api.ask('DELETE', `${ADMIN}/audiobooks/${id}`)

  expect(await events.next()).toMatchObject({ name: 'removed', data: { audiobook_id: id } })
  expect(await events.next()).toBeUndefined()
})

it('ends at once when the API stops', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({
    databaseUrl: database.url,
    redis: testRedis(),
    streamPollMs: 600_000,
  })
  const { id } = await newBook(api)
  const events = readEvents(await open(api, id))
  await events.next()

  api.endStreams()

  expect(await events.next()).toBeUndefined()
})

it('gives tickets that open the stream of one book, and nothing else', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [{ id }, other] = [await newBook(api), await newBook(api)]
  const { body } = await api.ask('POST', `${ADMIN}/audiobooks/${id}/events/ticket`)
  const path = (book: string, ticket: string) => `${ADMIN}/audiobooks/${book}/events?ticket=${ticket}`
  const statusOf = async (url: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await api.app.request(url, { headers })
    await response.body?.cancel()
    return response.status
  }

  expect(body.expires_in_s).toBe(60)
  expect(await statusOf(path(id, body.ticket))).toBe(200)
  expect(await statusOf(path(other.id, body.ticket))).toBe(401)
  expect(await statusOf(path(id, `${body.ticket}x`))).toBe(401)
  expect(await statusOf(path(id, api.token))).toBe(401)
  expect(await statusOf(`${ADMIN}/audiobooks/${id}`, body.ticket)).toBe(401)
  expect(await statusOf(`${ADMIN}/audiobooks/${id}/jobs?ticket=${body.ticket}`)).toBe(401)
  expect(await statusOf(`${ADMIN}/audiobooks/${id}/events`, await userToken())).toBe(403)
})

it('knows no events of an unknown book', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  expect((await open(api, randomUUID())).status).toBe(404)
  expect((await api.ask('POST', `${ADMIN}/audiobooks/${randomUUID()}/events/ticket`)).status).toBe(404)
})

it('keeps no more than fifty streams open for one user, and counts those that left out', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({
    databaseUrl: database.url,
    redis: testRedis(),
    streamPollMs: 600_000,
  })
  const { id } = await newBook(api)

  const streams = await Promise.all(Array.from({ length: 50 }, () => open(api, id)))
  const tooMany = await open(api, id)
  await streams[0]?.body?.cancel()
  const afterOneLeft = await open(api, id)
  api.endStreams()

  expect(streams.map((stream) => stream.status)).toEqual(Array.from({ length: 50 }, () => 200))
  expect(tooMany.status).toBe(429)
  expect(afterOneLeft.status).toBe(200)
})

async function open(api: TestApi, id: string, headers: Record<string, string> = {}, query = '') {
  return await api.app.request(`${ADMIN}/audiobooks/${id}/events?${query}`, {
    headers: { authorization: `Bearer ${api.token}`, ...headers },
  })
}

async function complete(api: TestApi, type: string): Promise<void> {
  await api.db.updateTable('processing_jobs').set({ status: 'completed' }).where('type', '=', type).execute()
}

function eventOf(subjectId: string, jobId: string): JobEvent {
  const subject = { jobId, jobType: 'transcribe', subjectKind: 'audiobook', subjectId }
  return { type: 'job.completed.v1', ...subject, at: new Date().toISOString() }
}
