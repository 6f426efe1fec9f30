import { randomUUID } from 'node:crypto'
import { ClipCreated, ClipJobStatus, ClipPage, ClipResult, ClipsCreated, SaveItJob } from '@app/contracts'
import { PLATFORMS } from '@app/platforms'
import { FatalError } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createClips } from '../clips/create-clips.ts'
import { clipWorkers } from '../testing/clip-workers.ts'
import { PUBLIC_URL, startTestApi, type TestApi } from '../testing/test-api.ts'
import { serviceToken, userToken } from '../testing/tokens.ts'

const REEL = 'https://www.instagram.com/reel/ABC123xyz/'
let world: World
let api: TestApi
beforeAll(async () => {
  world = await testWorld()
  const redis = { url: world.redisUrl, prefix: world.bus.prefix }
  api = await startTestApi({ databaseUrl: world.databaseUrl, redis })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

/** Somebody with a token, who asks. */
async function newUser() {
  const userId = randomUUID()
  const authorization = `Bearer ${await userToken({ userId })}`
  const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    api.ask(method, path, body, { authorization, ...headers })
  return {
    userId,
    ask,
    create: async (body: object = {}, headers: Record<string, string> = {}) =>
      ClipCreated.parse((await ask('POST', '/jobs/create', { url: REEL, ...body }, headers)).body),
  }
}

const privately = clipWorkers({
  during: () => Promise.reject(new FatalError('private', 'This video is private.')),
})

it('makes a job of a URL at once, and shows how it stands until it has its result', async () => {
  const { userId, ask } = await newUser()

  const created = await ask('POST', '/jobs/create', { url: REEL, language: 'en', metadata: { order: 7 } })
  const { job_id: id, rq_job_id } = ClipCreated.parse(created.body)
  const before = await ask('GET', `/jobs/${id}/status`)
  const empty = await ask('GET', `/jobs/${id}/result`)
  await world.drain(clipWorkers({ coverKey: 'cover.jpg' }))
  const after = await ask('GET', `/jobs/${id}/status`)
  const result = await ask('GET', `/jobs/${id}/result`)
  const saveIt = await ask('GET', `/api/v1/jobs/${id}`)

  expect(created.status).toBe(201)
  expect(created.headers.get('location')).toBe(`/jobs/${id}/status`)
  expect(created.body).toEqual({ job_id: id, rq_job_id, status: 'pending', url: REEL })
  expect(await world.job(rq_job_id)).toMatchObject({ type: 'download', subject_id: id, owner_id: userId })
  expect(before.body).toEqual({
    ...{ job_id: id, status: 'pending', url: REEL, platform: 'instagram', error_message: null },
    ...{ created_at: expect.any(String), updated_at: expect.any(String) },
  })
  expect(empty.body).toEqual({
    ...{ job_id: id, status: 'pending', error_message: null },
    result: {
      ...{ audio_url: null, thumbnail_url: null, duration: null, size_bytes: null },
      ...{ transcript: null, analysis: null, embedding: null },
    },
  })
  expect(ClipJobStatus.parse(after.body).status).toBe('completed')
  expect(ClipResult.parse(result.body).result).toEqual({
    audio_url: expect.stringMatching(/\/media\/k\?expires=\d+&signature=/),
    thumbnail_url: expect.stringMatching(`^${PUBLIC_URL}/thumbnails/[0-9a-f-]{36}$`),
    ...{ duration: 2.5, size_bytes: 4_321 },
    transcript: {
      ...{ text: 'Meow', language: 'en' },
      timestamps: [{ start: 0.1, end: 0.9, text: 'Meow', words: [{ start: 0.1, end: 0.9, word: 'Meow' }] }],
    },
    analysis: {
      ...{ summary: 'A cat says it.', topics: ['cats'], sentiment: 'positive', category: 'entertainment' },
    },
    embedding: {
      id: `${id}:m1`,
      metadata: { model: 'm1', provider: 'stand-in', dimensions: 3, chunk_count: 1 },
    },
  })
  expect(SaveItJob.parse(saveIt.body)).toMatchObject({ ...after.body, result: { duration: 2.5 } })
})

it('gives the whole video to whom asked for it to be kept, and to nobody else', async () => {
  const { ask, create } = await newUser()
  const [kept, usual] = [await create({ keep_video: true }), await create()]
  await world.drain(clipWorkers({ videoKey: 'v.mp4' }))
  const resultOf = async (id: string) => (await ask('GET', `/jobs/${id}/result`)).body.result

  expect((await resultOf(kept.job_id)).video_url).toMatch(/\/media\/v\.mp4\?expires=/)
  expect(await resultOf(usual.job_id)).not.toHaveProperty('video_url')
})

it('holds what there is so far while a job is running', async () => {
  const { ask, create } = await newUser()
  const { job_id: id } = await create({ url: 'https://youtu.be/dQw4w9WgXcQ' })
  await world.drain(clipWorkers().slice(0, 2))

  const { body } = await ask('GET', `/jobs/${id}/result`)

  expect(body).toMatchObject({ status: 'analyzing', result: { duration: 2.5, analysis: null } })
  expect(body.result.transcript.text).toBe('Meow')
})

it.each([
  ['http://169.254.169.254/latest/meta-data', 'url_forbidden'],
  ['http://2130706433/a.mp4', 'url_forbidden'],
  ['ftp://www.instagram.com/reel/ABC123xyz/', 'url_forbidden'],
  ['https://example.com/a.mp4', 'url_unsupported'],
])('refuses %s at once', async (url, code) => {
  const { ask } = await newUser()

  const { status, body } = await ask('POST', '/jobs/create', { url })

  expect({ status, code: body.error.code }).toEqual({ status: 422, code })
  if (code === 'url_unsupported') expect(body.error.message).toMatch(/Instagram.*TikTok.*YouTube/)
})

it('refuses metadata of more than 4 KB or that can not be stored, and a callback that may not be called', async () => {
  const { ask } = await newUser()

  const large = await ask('POST', '/jobs/create', { url: REEL, metadata: { a: 'ä'.repeat(2_050) } })
  const unstorable = ['\u0000', '\ud800'].map((text) => ({ url: REEL, metadata: { [text]: 1 } }))
  const batch = await ask('POST', '/jobs/batch', {
    urls: [...unstorable, { url: REEL, metadata: { a: '\\u0000' } }],
  })
  const callback = await ask('POST', '/jobs/create', { url: REEL, callback_url: 'http://127.0.0.1/hook' })

  expect(large).toMatchObject({ status: 422, body: { error: { code: 'invalid-body' } } })
  expect(batch).toMatchObject({ status: 207, body: { accepted: 1, refused: 2 } })
  expect(callback).toMatchObject({ status: 422, body: { error: { code: 'url_forbidden' } } })
  expect(callback.body.error.details).toMatchObject([{ field: 'callback_url' }])
})

it('tells the callback of a job, and that of no other', async () => {
  const { create } = await newUser()
  const callback_url = 'https://hooks.example.org/done'
  const { job_id: id } = await create({ callback_url, metadata: { order: 7 } })
  await create()

  await world.drain(clipWorkers())

  const told = await world.db
    .selectFrom('webhook_deliveries as d')
    .innerJoin('webhooks as w', 'w.id', 'd.webhook_id')
    .select(['d.clip_id', 'd.event_type', 'd.body', 'w.url'])
    .execute()
  expect(told).toMatchObject([{ clip_id: id, event_type: 'job.completed', url: callback_url }])
  expect(JSON.parse(told[0]?.body ?? '').data.metadata).toEqual({ order: 7 })
})

it('makes one job of a request that comes twice under its idempotency key, also at once', async () => {
  const { ask, userId } = await newUser()
  const other = await newUser()
  const body = { url: REEL, metadata: { a: 1, b: 2 } }
  const send = (request: object, key = '"key-1"') =>
    ask('POST', '/jobs/create', request, { 'idempotency-key': key })

  const answers = await Promise.all(Array.from({ length: 5 }, () => send(body)))
  const later = await send({ metadata: { b: 2, a: 1 }, url: REEL }, 'key-1')
  const reused = await send({ ...body, force: true })
  const ofOther = await other.create({}, { 'idempotency-key': 'key-1' })
  const broken = await send(body, 'no spaces')

  expect([...answers, later].map(({ status }) => status)).toEqual(Array(6).fill(201))
  expect(new Set([...answers, later].map((answer) => JSON.stringify(answer.body))).size).toBe(1)
  expect(reused).toMatchObject({ status: 422, body: { error: { code: 'idempotency-key-reused' } } })
  expect(ofOther.job_id).not.toBe(later.body.job_id)
  expect(broken).toMatchObject({ status: 422, body: { error: { code: 'invalid-header' } } })
  expect((await ask('GET', '/jobs')).body.total).toBe(1)
  const jobs = await world.db
    .selectFrom('processing_jobs')
    .select('type')
    .where('owner_id', '=', userId)
    .execute()
  expect(jobs).toHaveLength(4)
})

it('shows jobs to nobody but their owner and admins', async () => {
  const [mine, other] = [await newUser(), await newUser()]
  const { job_id: id } = await mine.create()
  const service = { authorization: `Bearer ${await serviceToken()}` }
  const places = [
    ...(['status', 'result', 'events'] as const).map((name) => ['GET', `/jobs/${id}/${name}`] as const),
    ...(['cancel', 'retry'] as const).map((name) => ['POST', `/jobs/${id}/${name}`] as const),
    ...([
      ['DELETE', `/jobs/${id}`],
      ['GET', `/api/v1/jobs/${id}`],
      ['GET', `/jobs/${id}`],
    ] as const),
  ]

  for (const [method, path] of places) {
    const unknown = path.replace(id, randomUUID())
    expect(await other.ask(method, path), path).toMatchObject({
      status: 403,
      body: { error: { code: 'not-yours' } },
    })
    expect(await mine.ask(method, unknown), path).toMatchObject({
      status: 404,
      body: { error: { code: 'job-not-found' } },
    })
    expect((await api.ask(method, path, undefined, {})).status, path).toBe(401)
    expect((await api.ask(method, path, undefined, service)).status, path).toBe(403)
  }
  expect((await other.ask('GET', '/jobs')).body.jobs).toEqual([])
  expect((await api.ask('GET', `/jobs/${id}/status`)).status).toBe(200)
})

it('lists own jobs, newest first, by what is asked for', async () => {
  const { ask, create } = await newUser()
  const first = await create({ metadata: { order: '7', note: null } })
  const second = await create({ url: 'https://www.tiktok.com/@me/video/7123456789012345678?lang=en' })
  const third = await create({ url: 'https://youtu.be/dQw4w9WgXcQ' })
  await ask('POST', `/jobs/${third.job_id}/cancel`)
  const list = async (query: string) =>
    ClipPage.parse((await ask('GET', `/jobs?${query}`)).body).jobs.map(({ job_id }) => job_id)

  const all = [third, second, first].map(({ job_id }) => job_id)
  for (const [index, id] of all.entries()) {
    const created_at = `2026-03-0${3 - index}T12:00:00Z`
    await world.db.updateTable('clips').set({ created_at }).where('id', '=', id).execute()
  }
  const { body } = await ask('GET', '/jobs?page_size=2&page=2')

  expect(await list('')).toEqual(all)
  expect(body).toMatchObject({ page: 2, page_size: 2, total: 3, jobs: [{ job_id: first.job_id }] })
  expect(await list('status=failed')).toEqual([third.job_id])
  expect(await list('platform=tiktok')).toEqual([second.job_id])
  expect(await list(`url=${encodeURIComponent(REEL)}`)).toEqual([first.job_id])
  expect(await list('metadata_key=order')).toEqual([first.job_id])
  expect(await list('metadata_key=order&metadata_value=8')).toEqual([])
  expect(await list('created_from=2026-03-02T12:00:00Z')).toEqual(all.slice(0, 2))
  expect(await list('created_to=2026-03-02T13:00:00%2B01:00')).toEqual([first.job_id])
  expect((await ask('GET', '/jobs?status=odd')).status).toBe(422)
})

it('cancels a job, which then shows as failed, and begins a new attempt when it is retried', async () => {
  const { ask, create } = await newUser()
  const { job_id: id } = await create()

  const tooEarly = await ask('POST', `/jobs/${id}/retry`)
  const cancelled = await ask('POST', `/jobs/${id}/cancel`)
  const again = await ask('POST', `/jobs/${id}/cancel`)
  const retried = await ask('POST', `/jobs/${id}/retry`)
  await world.drain(clipWorkers())

  expect(tooEarly).toMatchObject({ status: 409, body: { error: { code: 'job-wrong-state' } } })
  expect(cancelled).toMatchObject({
    status: 200,
    body: { status: 'failed', error_message: 'The job was cancelled.' },
  })
  expect(again.status).toBe(409)
  expect(retried).toMatchObject({ status: 200, body: { status: 'pending', error_message: null } })
  expect((await ask('GET', '/jobs')).body.jobs).toMatchObject([{ status: 'completed', attempt: 2 }])
  expect((await ask('POST', `/jobs/${id}/retry`)).status).toBe(409)
})

it('says why a job failed, and retries it from there', async () => {
  const { ask, create } = await newUser()
  const { job_id: id } = await create()
  await world.drain(privately)
  const failed = await ask('GET', `/jobs/${id}/status`)

  await ask('POST', `/jobs/${id}/retry`)
  await world.drain(clipWorkers())

  expect(failed.body).toMatchObject({ status: 'failed', error_message: 'This video is private.' })
  expect((await ask('GET', '/jobs')).body.jobs).toMatchObject([{ status: 'completed', error_code: null }])
})

it('accounts for every line of a batch in its order, and makes nothing twice', async () => {
  const { ask } = await newUser()
  const good = Array.from({ length: 450 }, (_, index) => `https://www.instagram.com/reel/Reel${index}/`)
  const bad = [
    'https://example.com/',
    'http://127.0.0.1/a',
    7,
    null,
    { url: REEL, language: 'not a language' },
  ]
  const urls = good.flatMap((url, index) => (index % 9 === 0 ? [url, bad[(index / 9) % 5]] : [url]))
  const batch = {
    urls: [...urls, { url: REEL, metadata: { own: 1 } }],
    metadata: { batch: 1 },
    language: 'en',
  }

  const answer = await ask('POST', '/jobs/batch', batch, { 'idempotency-key': 'b1' })
  const again = await ask('POST', '/jobs/batch', batch, { 'idempotency-key': 'b1' })

  const { accepted, refused, results } = ClipsCreated.parse(answer.body)
  expect({ status: answer.status, accepted, refused }).toEqual({ status: 207, accepted: 451, refused: 50 })
  expect(results.map(({ index }) => index)).toEqual(results.map((_, index) => index))
  expect(results.map((result) => ('job_id' in result ? result.url : result.error.code))).toEqual(
    batch.urls.map((line, index) => {
      const codes = ['url_unsupported', 'url_forbidden', 'invalid-body', 'invalid-body', 'invalid-body']
      const isBad = index % 10 === 1 && index < urls.length
      return isBad ? codes[Math.floor(index / 10) % 5] : ((line as { url?: string }).url ?? line)
    }),
  )
  expect(again.body).toEqual(answer.body)
  const { total, jobs } = (await ask('GET', '/jobs?metadata_key=own')).body
  expect({ total, metadata: jobs[0].metadata }).toEqual({ total: 1, metadata: { own: 1 } })
  expect((await ask('GET', '/jobs?metadata_key=batch')).body.total).toBe(450)
  expect((await ask('POST', '/jobs/batch', { urls: Array(1_001).fill(REEL) })).status).toBe(422)
  await world.db.deleteFrom('processing_jobs').where('subject_kind', '=', 'clip').execute()
})

it('says of each line what became of it when a part of a batch can not be written', async () => {
  const userId = randomUUID()
  const lines = Array.from({ length: 250 }, (_, index) => `https://www.instagram.com/reel/Part${index}/`)
  const urls = lines.map((url, index) =>
    index === 230 ? { url, callback_url: 'https://h.example.org/' } : url,
  )
  const faults: string[] = []
  const rules = { allowedHosts: [] }
  const deps = {
    ...{ db: world.db, rules, webhookUrls: { rules, allowHttp: false } },
    ...{ platforms: PLATFORMS, dispatchSoon: () => {} },
    callbackWebhook: () => Promise.reject(new Error('the disk is full')),
    onFault: ({ message }: Error) => faults.push(message),
  }

  const { accepted, refused, results } = await createClips(
    deps,
    { userId },
    { request: { urls }, idempotencyKey: undefined },
  )

  // Nobody is to do them.
  await world.db.deleteFrom('processing_jobs').where('subject_kind', '=', 'clip').execute()

  expect({ accepted, refused, faults }).toEqual({ accepted: 200, refused: 50, faults: ['the disk is full'] })
  expect(results.map((result) => 'error' in result && result.error.code)).toEqual([
    ...Array(200).fill(false),
    ...Array(50).fill('internal'),
  ])
  expect(JSON.stringify(results)).not.toContain('disk')
  const { count } = await world.db
    .selectFrom('clips')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('owner_id', '=', userId)
    .executeTakeFirstOrThrow()
  expect(count).toBe(200)
})

it('takes SaveIt’s path for the same', async () => {
  const { ask } = await newUser()

  const { status, body } = await ask('POST', '/api/v1/process', { url: REEL })

  expect(status).toBe(201)
  expect(ClipCreated.parse(body).url).toBe(REEL)
  expect((await ask('GET', `/api/v1/jobs/${body.job_id}`)).body).toMatchObject({ status: 'pending' })
})

it('removes a job with its text and what is stored for it alone, and leaves what others have', async () => {
  const [{ ask, create }, other] = [await newUser(), await newUser()]
  const [mine, theirs] = [await create(), await other.create()]
  await world.drain(clipWorkers({ objectKey: 'shared', coverKey: 'cover.jpg' }))
  const mediaOf = async (id: string) =>
    (await world.db.selectFrom('clips').select('media_id').where('id', '=', id).executeTakeFirst())
      ?.media_id ?? ''
  const mediaId = await mediaOf(mine.job_id)
  // As if it had been fetched once for both.
  await world.db.updateTable('clips').set({ media_id: mediaId }).where('id', '=', theirs.job_id).execute()
  const stored = () => world.db.selectFrom('media').select('id').where('id', '=', mediaId).execute()

  const removed = await ask('DELETE', `/jobs/${mine.job_id}`)
  const kept = await stored()
  await other.ask('DELETE', `/jobs/${theirs.job_id}`)

  expect(removed.status).toBe(204)
  expect((await ask('GET', `/jobs/${mine.job_id}/status`)).status).toBe(404)
  expect(kept).toHaveLength(1)
  expect(await stored()).toEqual([])
  const sources = await world.db
    .selectFrom('media_sources')
    .select('media_id')
    .where('media_id', '=', mediaId)
    .execute()
  expect(sources).toEqual([])
  const outputs = world.db.selectFrom('ai_outputs').select('id').where('subject_id', '=', mine.job_id)
  expect(await outputs.execute()).toEqual([])
})
