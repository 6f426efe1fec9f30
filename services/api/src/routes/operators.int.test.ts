import { randomUUID } from 'node:crypto'
import {
  DeadLetterFull,
  DeadLetterGroups,
  DeadLetterPage,
  Queues,
  QueueView,
  RedriveProgress,
} from '@app/contracts'
import { insertDeadJobs, insertManyJobs, insertStuckJobs, testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { newBook } from '../testing/seed.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { serviceToken, userToken } from '../testing/tokens.ts'

const ADMIN = '/api/v1/admin'

const auditOf = (api: TestApi) =>
  api.db.selectFrom('audit_log').select(['action', 'subject', 'details']).orderBy('at').execute()

it('shows every queue, and one', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await insertManyJobs(api.db, { count: 3, queue: 'embed', lane: 'low', status: 'running' })
  await insertManyJobs(api.db, { count: 2, queue: 'embed', status: 'pending' })

  const { queues } = Queues.parse((await api.ask('GET', `${ADMIN}/queues`)).body)
  const embed = await api.ask('GET', `${ADMIN}/queues/embed`)
  const unknown = await api.ask('GET', `${ADMIN}/queues/nothing`)

  expect(queues.map(({ queue }) => queue)).toEqual([
    ...['download', 'transcribe', 'embed', 'summarize', 'tag', 'analyze', 'describe', 'translate', 'deliver'],
  ])
  expect(QueueView.parse(embed.body)).toEqual({
    queue: 'embed',
    depth: 3,
    parked: 0,
    jobs: { running: 3, pending: 2 },
    lanes: { high: {}, normal: { pending: 2 }, low: { running: 3 } },
    oldest_waiting_s: null,
    workers: 0,
    slots: 0,
    paused: null,
    entries: 0,
  })
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'queue-not-found' } } })
})

it('pauses, drains and resumes a queue, and keeps who did', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const post = (action: string, body?: object) => api.ask('POST', `${ADMIN}/queues/tag/${action}`, body)

  const paused = await post('pause')
  const drained = await post('drain', { reason: 'a new model' })
  const resumed = await post('resume')
  const unknown = await api.ask('POST', `${ADMIN}/queues/nothing/pause`)
  const broken = await post('pause', { reason: 7 })

  expect(paused).toMatchObject({ status: 200, body: { paused: { reason: null, draining: false } } })
  expect(drained).toMatchObject({ status: 202, body: { paused: { reason: 'a new model', draining: true } } })
  expect(drained.body.paused.by).toBe(paused.body.paused.by)
  expect(resumed).toMatchObject({ status: 200, body: { paused: null } })
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'queue-not-found' } } })
  expect(broken).toMatchObject({ status: 422, body: { error: { details: [{ field: 'reason' }] } } })
  expect(await auditOf(api)).toEqual([
    { action: 'queue-paused', subject: 'queue tag', details: { reason: null } },
    { action: 'queue-drained', subject: 'queue tag', details: { reason: 'a new model' } },
    { action: 'queue-resumed', subject: 'queue tag', details: {} },
  ])
})

it('sends what waits in a resumed queue at once', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await api.ask('POST', `${ADMIN}/queues/tag/pause`)
  await insertManyJobs(api.db, { count: 1 })

  await api.ask('POST', `${ADMIN}/queues/tag/resume`)

  await expect.poll(() => api.bus.depth('tag'), { timeout: 20_000 }).toBe(1)
})

it('pages dead letters, groups them, and finds those that are meant', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const dead = await insertDeadJobs(api.db, { count: 5, fingerprint: 'f1' })
  await insertDeadJobs(api.db, {
    count: 2,
    queue: 'embed',
    fingerprint: 'f2',
    code: 'no-space',
    message: 'full',
  })

  const page = await api.ask('GET', `${ADMIN}/dead-letters?queue=tag&page=2&page_size=2`)
  const coded = await api.ask('GET', `${ADMIN}/dead-letters?code=no-space&fingerprint=f2`)
  const groups = await api.ask('GET', `${ADMIN}/dead-letters/groups`)
  const broken = await api.ask('GET', `${ADMIN}/dead-letters?page=0`)

  const { dead_letters, ...counted } = DeadLetterPage.parse(page.body)
  expect(counted).toEqual({ page: 2, page_size: 2, total: 5 })
  expect(dead_letters.map(({ id }) => id)).toEqual(dead.slice(2, 4).map(({ letterId }) => letterId))
  expect(DeadLetterPage.parse(coded.body)).toMatchObject({ total: 2 })
  expect(DeadLetterGroups.parse(groups.body).groups).toMatchObject([
    { fingerprint: 'f1', count: 5, job_types: ['tag'], queues: ['tag'], sample_message: 'no' },
    { fingerprint: 'f2', count: 2, queues: ['embed'], error_code: 'no-space', sample_message: 'full' },
  ])
  expect(broken).toMatchObject({ status: 422, body: { error: { code: 'invalid-query' } } })
})

it('shows a dead letter with its stack, redrives it once and discards another', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const [one, other] = await insertDeadJobs(api.db, { count: 2 })
  const letter = `${ADMIN}/dead-letters/${one?.letterId}`

  const shown = DeadLetterFull.parse((await api.ask('GET', letter)).body)
  const redriven = await api.ask('POST', `${letter}/redrive`)
  const again = await api.ask('POST', `${letter}/redrive`)
  const late = await api.ask('POST', `${letter}/discard`, { reason: 'too late' })
  const discarded = await api.ask('POST', `${ADMIN}/dead-letters/${other?.letterId}/discard`, {
    reason: 'not ours',
  })
  const unknown = await api.ask('POST', `${ADMIN}/dead-letters/${randomUUID()}/redrive`)
  const noReason = await api.ask('POST', `${ADMIN}/dead-letters/${other?.letterId}/discard`, {})

  expect(shown).toMatchObject({ job_id: one?.jobId, job_status: 'failed', resolution: null })
  expect(shown.stack).toContain('at nowhere')
  expect(redriven).toMatchObject({ status: 200, body: { job_id: one?.jobId, status: 'queued', fence: 1 } })
  for (const refused of [again, late]) {
    expect(refused).toMatchObject({ status: 409, body: { error: { code: 'dead-letter-resolved' } } })
  }
  expect(discarded).toMatchObject({ status: 200, body: { resolution: 'discarded', reason: 'not ours' } })
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'dead-letter-not-found' } } })
  expect(noReason).toMatchObject({ status: 422, body: { error: { details: [{ field: 'reason' }] } } })
})

it('discards a group, and all only where that is said', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await insertDeadJobs(api.db, { count: 3, fingerprint: 'f1' })
  await insertDeadJobs(api.db, { count: 2, fingerprint: 'f2' })
  const discard = (body: object) => api.ask('POST', `${ADMIN}/dead-letters/discard`, body)

  expect(await discard({ reason: 'all' })).toMatchObject({ status: 422 })
  expect(await discard({ fingerprint: 'f1', reason: 'known' })).toMatchObject({
    status: 200,
    body: { discarded: 3 },
  })
  expect(await discard({ all: true, reason: 'rest' })).toMatchObject({ status: 200, body: { discarded: 2 } })
})

it('redrives a group at a pace, by itself, and tells how far it is', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await insertDeadJobs(api.db, { count: 8, fingerprint: 'f1' })
  await insertDeadJobs(api.db, { count: 1, fingerprint: 'f2' })

  const started = await api.ask('POST', `${ADMIN}/dead-letters/redrive`, {
    fingerprint: 'f1',
    per_second: 100,
  })
  const progress = async () =>
    RedriveProgress.parse((await api.ask('GET', `${ADMIN}/redrives/${started.body.id}`)).body)
  await expect.poll(async () => (await progress()).status, { timeout: 30_000 }).toBe('done')

  expect(started).toMatchObject({
    status: 202,
    body: { status: 'running', per_second: 100, most_failures: 0.2 },
  })
  expect(await progress()).toMatchObject({ redriven: 8, remaining: 0, under_way: 8, failed_again: 0 })
  expect((await api.ask('GET', `${ADMIN}/redrives`)).body.redrives).toMatchObject([{ id: started.body.id }])
  expect((await api.ask('GET', `${ADMIN}/dead-letters`)).body.total).toBe(1)
})

it('stops a redrive once', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await insertDeadJobs(api.db, { count: 50 })
  const { body } = await api.ask('POST', `${ADMIN}/dead-letters/redrive`, { all: true, per_second: 0.01 })
  const stop = () => api.ask('POST', `${ADMIN}/redrives/${body.id}/stop`)

  const stopped = await stop()

  expect(stopped).toMatchObject({ status: 200, body: { status: 'stopped' } })
  expect(stopped.body.remaining).toBeGreaterThan(40)
  expect(await stop()).toMatchObject({ status: 409, body: { error: { code: 'redrive-ended' } } })
  expect(await api.ask('GET', `${ADMIN}/redrives/${randomUUID()}`)).toMatchObject({
    status: 404,
    body: { error: { code: 'redrive-not-found' } },
  })
})

it.each([
  ['nothing named', {}],
  ['a share over one', { all: true, most_failures: 2 }],
  ['no pace', { all: true, per_second: 0 }],
])('refuses a redrive with %s', async (_, body) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  expect(await api.ask('POST', `${ADMIN}/dead-letters/redrive`, body)).toMatchObject({ status: 422 })
})

it('says why a job does not run', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  await api.ask('POST', `${ADMIN}/queues/tag/pause`, { reason: 'a new model' })
  const subject = await insertManyJobs(api.db, { count: 1 })
  const { id } = await api.db
    .selectFrom('processing_jobs')
    .select('id')
    .where('subject_id', '=', subject)
    .executeTakeFirstOrThrow()

  const { status, body } = await api.ask('GET', `${ADMIN}/jobs/${id}/why`)
  const unknown = await api.ask('GET', `${ADMIN}/jobs/${randomUUID()}/why`)

  expect(status).toBe(200)
  expect(body).toMatchObject({
    job_id: id,
    status: 'queued',
    reasons: [{ code: 'queue-paused', data: { reason: 'a new model' } }, { code: 'no-worker' }],
  })
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'job-not-found' } } })
})

it('says of each thing that keeps a job from running what it is, when it ends and who holds it', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const stuck = await insertStuckJobs(api.db, api.bus)

  for (const { id, code, told } of stuck) {
    const { body } = await api.ask('GET', `${ADMIN}/jobs/${id}/why`)
    expect(body.reasons[0]).toMatchObject({ code, message: expect.stringMatching(told) })
  }
})

it('cancels all jobs of a book, and keeps the book', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const { id } = await newBook(api)
  await api.db.updateTable('processing_jobs').set({ status: 'completed' }).where('type', '=', 'tag').execute()

  const cancelled = await api.ask('POST', `${ADMIN}/audiobooks/${id}/cancel`)
  const again = await api.ask('POST', `${ADMIN}/audiobooks/${id}/cancel`)
  const unknown = await api.ask('POST', `${ADMIN}/audiobooks/${randomUUID()}/cancel`)

  expect(cancelled).toMatchObject({
    status: 200,
    body: { audiobook_id: id, cancelled: 3, overall_status: 'failed' },
  })
  expect(again).toMatchObject({ status: 200, body: { cancelled: 0 } })
  expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'audiobook-not-found' } } })
  expect((await api.ask('GET', `${ADMIN}/audiobooks/${id}`)).status).toBe(200)
  expect(await auditOf(api)).toEqual([
    { action: 'book-cancelled', subject: `audiobook ${id}`, details: { jobs: 3 } },
  ])
})

it.each([
  ['GET', '/queues'],
  ['POST', '/queues/tag/pause'],
  ['GET', '/dead-letters'],
  ['POST', '/dead-letters/redrive'],
  ['POST', '/dead-letters/discard'],
  ['GET', '/redrives'],
  ['GET', '/jobs/00000000-0000-4000-8000-000000000000/why'],
])('lets admins only %s %s', async (method, path) => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  for (const token of [await userToken(), await serviceToken()]) {
    const answer = await api.ask(method, ADMIN + path, undefined, { authorization: `Bearer ${token}` })
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'admin-only' } } })
  }
  expect((await api.ask(method, ADMIN + path, undefined, {})).status).toBe(401)
})
