import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ClipEvent, ClipStatus } from '@app/contracts'
import { FatalError } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { clipWorkers } from '../testing/clip-workers.ts'
import { type ReceivedEvent, readEvents } from '../testing/read-events.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { userToken } from '../testing/tokens.ts'

const REEL = 'https://www.instagram.com/reel/ABC123xyz/'
let world: World
let api: TestApi
beforeAll(async () => {
  world = await testWorld()
  const redis = { url: world.redisUrl, prefix: world.bus.prefix }
  api = await startTestApi({ databaseUrl: world.databaseUrl, redis, enableLegacyRoutes: true })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

const create = async (): Promise<string> => (await api.ask('POST', '/jobs/create', { url: REEL })).body.job_id

async function open(id: string, lastEventId?: string) {
  const headers = {
    authorization: `Bearer ${api.token}`,
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  }
  return await api.app.request(`/jobs/${id}/events`, { headers })
}

/** All of a stream, until it ends. */
async function eventsOf(response: Response): Promise<ReceivedEvent<ClipEvent>[]> {
  const events = readEvents<ClipEvent>(response)
  const received: ReceivedEvent<ClipEvent>[] = []
  for (let event = await events.next(); event; event = await events.next()) received.push(event)
  return received
}

it('tells a snapshot, then each change in order, and ends when the job does', async () => {
  const id = await create()
  const stream = eventsOf(await open(id))

  await world.drain(clipWorkers())
  const events = await stream

  const statuses = events.map(({ data }) => ClipStatus.options.indexOf(ClipEvent.parse(data).status))
  expect(events[0]).toMatchObject({ name: 'snapshot', data: { job_id: id } })
  expect(statuses).toEqual(statuses.toSorted((a, b) => a - b))
  const last = events.at(-1)?.data
  expect(last).toMatchObject({ status: 'completed', progress: 1, attempt: 1, error_message: null })
  expect(last?.stages.map(({ stage }) => stage)).toEqual(
    ClipStatus.options.filter((stage) => stage !== 'failed'),
  )
})

it('goes on from the last event a client had, and says when there is nothing to come', async () => {
  const id = await create()
  const first = readEvents<ClipEvent>(await open(id))
  const snapshot = await first.next()
  await first.close()
  await world.drain(
    clipWorkers({ during: () => Promise.reject(new FatalError('private', 'This video is private.')) }),
  )

  const missed = await eventsOf(await open(id, snapshot?.id))
  let lastId = missed.at(-1)?.id
  // Until no older transaction is open on the whole server: the last change may come twice.
  await vi.waitFor(async () => {
    const again = await open(id, lastId)
    if (again.status !== 204) lastId = (await eventsOf(again)).at(-1)?.id
    expect(again.status).toBe(204)
  }, 20_000)

  expect(missed).toMatchObject([
    {
      name: 'changed',
      data: { status: 'failed', error_code: 'private', error_message: 'This video is private.' },
    },
  ])
  await api.ask('POST', `/jobs/${id}/retry`)
  const afterRetry = readEvents<ClipEvent>(await open(id, lastId))
  expect(await afterRetry.next()).toMatchObject({ data: { status: 'pending', attempt: 2 } })
  await afterRetry.close()
})

it('opens the stream of one job with its ticket, for a browser that sends no headers', async () => {
  const authorization = `Bearer ${await userToken()}`
  const { job_id: id } = (await api.ask('POST', '/jobs/create', { url: REEL }, { authorization })).body
  const other = await create()
  const { ticket } = (await api.ask('POST', `/jobs/${id}/events/ticket`, undefined, { authorization })).body
  const statusOf = async (path: string) => {
    const response = await api.app.request(`${path}?ticket=${ticket}`)
    await response.body?.cancel()
    return response.status
  }

  expect(await statusOf(`/jobs/${id}/events`)).toBe(200)
  expect(await statusOf(`/jobs/${other}/events`)).toBe(401)
  expect(await statusOf(`/jobs/${id}/status`)).toBe(401)
})

it('says that a job was removed, and ends', async () => {
  const id = await create()
  const events = readEvents(await open(id))
  await events.next()

  await api.ask('DELETE', `/jobs/${id}`)

  const received = [await events.next(), await events.next(), await events.next()]
  expect(received.filter((event) => event?.name !== 'changed')[0]).toMatchObject({
    ...{ name: 'removed', data: { job_id: id } },
  })
  expect(received.at(-1)).toBeUndefined()
})

it('shows a clip’s thumbnail to anybody with its address, and the cover of no book', async () => {
  const path = join(tmpdir(), `thumbnail-${randomUUID()}.jpg`)
  await writeFile(path, 'a picture')
  const coverKey = `media/${randomUUID()}.jpg`
  await api.storage.putFile(coverKey, path, { contentType: 'image/jpeg' })
  await rm(path, { force: true })
  const id = await create()
  await world.drain(clipWorkers({ coverKey }))
  const { thumbnail_url } = (await api.ask('GET', `/jobs/${id}/result`)).body.result

  const shown = await api.get(thumbnail_url)
  const known = await api.get(thumbnail_url, { 'if-none-match': shown.headers.get('etag') ?? '' })
  const { media_id } = await world.db
    .selectFrom('clips')
    .select('media_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  await world.db.updateTable('clips').set({ media_id: null }).where('id', '=', id).execute()
  const ofNoClip = await api.get(`/thumbnails/${media_id}`)

  expect({ status: shown.status, type: shown.headers.get('content-type') }).toEqual({
    status: 200,
    type: 'image/jpeg',
  })
  expect(await shown.text()).toBe('a picture')
  expect(shown.headers.get('cache-control')).toContain('public')
  expect({ status: known.status, body: await known.text() }).toEqual({ status: 304, body: '' })
  expect(ofNoClip.status).toBe(404)
  expect((await api.get('/thumbnails/nonsense')).status).toBe(404)
})

it('answers /download with the result when the job has ended, only on request, and in no document', async () => {
  const before = await world.db.selectFrom('clips').select('id').execute()
  const asked = api.ask('POST', '/download', { url: REEL })
  await vi.waitFor(async () => {
    expect(await world.db.selectFrom('clips').select('id').execute()).toHaveLength(before.length + 1)
  }, 20_000)
  await world.drain(clipWorkers())

  const answer = await asked
  const refused = await api.ask('POST', '/download', { url: 'http://127.0.0.1/' })
  const anonymous = await api.ask('POST', '/download', { url: REEL }, {})
  const { paths } = (await api.ask('GET', '/openapi.json')).body

  expect(answer).toMatchObject({ status: 200, body: { status: 'completed', result: { duration: 2.5 } } })
  expect(refused).toMatchObject({ status: 422, body: { error: { code: 'url_forbidden' } } })
  expect(anonymous.status).toBe(401)
  expect(Object.keys(paths)).not.toContain('/download')
})

it('answers /download with 504 and the job’s id when that takes too long, and nothing where it is not enabled', async () => {
  const redis = { url: world.redisUrl, prefix: world.bus.prefix }
  const options = { databaseUrl: world.databaseUrl, redis }
  await using impatient = await startTestApi({ ...options, enableLegacyRoutes: true, legacyWaitMs: 1 })
  await using usual = await startTestApi(options)
  const authorization = `Bearer ${await userToken()}`

  const late = await impatient.ask('POST', '/download', { url: REEL }, { authorization })
  const absent = await usual.ask('POST', '/download', { url: REEL }, { authorization })

  expect(late).toMatchObject({ status: 504, body: { error: { code: 'job-not-ended' } } })
  const { status } = await usual.ask('GET', `/jobs/${late.body.job_id}/status`, undefined, { authorization })
  expect(status).toBe(200)
  expect(absent.status).toBe(404)
})
