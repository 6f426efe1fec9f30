import { randomUUID } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { createLogger } from '@app/runtime'
import { testWorld, type World } from '@app/testkit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { httpServer } from '../http-server.ts'
import { startTestApi, type TestApi } from '../testing/test-api.ts'
import { userToken } from '../testing/tokens.ts'

const REEL = 'https://www.instagram.com/reel/ABC123xyz/'
const PAGE = 'https://app.example'
let world: World
let api: TestApi
beforeAll(async () => {
  world = await testWorld()
  const redis = { url: world.redisUrl, prefix: world.bus.prefix }
  api = await startTestApi({ databaseUrl: world.databaseUrl, redis, corsOrigins: [PAGE] })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await world[Symbol.asyncDispose]()
})

it.each([
  ['PATCH', '/jobs', 'GET, HEAD'],
  ['PUT', '/jobs/00000000-0000-4000-8000-000000000000', 'GET, HEAD, DELETE'],
  ['DELETE', '/jobs/batch/', undefined],
  ['GET', '/jobs/any/cancel', 'POST'],
  ['POST', '/healthz', 'GET, HEAD'],
  ['POST', '/media/a/b.mp3', 'GET, HEAD'],
  ['GET', '/jobs/a/b/c', undefined],
])('answers %s %s with the methods there are: %s', async (method, path, allow) => {
  const { status, headers, body } = await api.ask(method, path)

  expect(status).toBe(allow === undefined ? 404 : 405)
  expect(body.error.code).toBe(allow === undefined ? 'not-found' : 'method-not-allowed')
  expect(headers.get('allow') ?? undefined).toBe(allow)
})

it('keeps no place for a stream that is asked for by HEAD', async () => {
  const { body } = await api.ask('POST', '/jobs/create', { url: REEL })
  const authorization = `Bearer ${api.token}`
  const ask = (method: string) =>
    api.app.request(`/jobs/${body.job_id}/events`, { method, headers: { authorization } })

  const heads = []
  for (let index = 0; index < 51; index += 1) heads.push(await ask('HEAD'))
  const stream = await ask('GET')
  await stream.body?.cancel()

  expect(new Set(heads.map(({ status }) => status))).toEqual(new Set([200]))
  expect(heads[0]?.headers.get('content-type')).toContain('text/event-stream')
  expect(stream.status).toBe(200)
})

it('lets pages of the origins it knows read when to come again, and no others', async () => {
  const ask = (origin: string, method = 'GET') =>
    api.ask(method, '/jobs', undefined, { origin, 'access-control-request-method': 'GET' })

  const refused = await ask(PAGE)
  const preflight = await ask(PAGE, 'OPTIONS')
  const stranger = await ask('https://evil.example')

  expect(refused.status).toBe(401)
  expect(refused.headers.get('access-control-allow-origin')).toBe(PAGE)
  expect(refused.headers.get('access-control-expose-headers')).toMatch(/Retry-After.*RateLimit.*X-Request-Id/)
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-max-age')).toBe('3600')
  expect(stranger.headers.get('access-control-allow-origin')).toBeNull()
})

it.each([
  '/jobs?created_from=0000-01-01T00:00:00Z',
  '/jobs?created_to=9999-12-31T23:59:59-23:59',
  '/api/v1/admin/usage?from=0000-01-01',
  '/api/v1/admin/usage?to=0001-01-01',
])('refuses a date that no database knows: %s', async (path) => {
  const { status, body } = await api.ask('GET', path)

  expect(status).toBe(422)
  expect(body.error).toMatchObject({ code: 'invalid-query', details: [{ problem: /1970/ }] })
})

it('says that it unpacks no bodies', async () => {
  const upload = { upload_type: 'single', total_files: 1, total_size_bytes: 5 }
  const headers = { authorization: `Bearer ${api.token}`, 'content-encoding': 'gzip' }

  const { status, body } = await api.ask('POST', '/api/v1/admin/uploads', upload, headers)

  expect(status).toBe(415)
  expect(body.error).toEqual({
    code: 'unsupported-media-type',
    message: 'send the body as it is: gzip is not unpacked here',
  })
})

it('finds nothing under a name that no queue can have', async () => {
  for (const name of ['%00', '%ff', 'a'.repeat(201)]) {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/pause'],
      ['POST', '/resume'],
    ] as const) {
      const { status, body } = await api.ask(method, `/api/v1/admin/queues/${name}${path}`)
      expect({ status, code: body.error.code }).toEqual({ status: 404, code: 'queue-not-found' })
    }
  }
})

it('takes a user’s id for the same in capitals', async () => {
  const userId = randomUUID()
  const asThem = async (id: string) => ({ authorization: `Bearer ${await userToken({ userId: id })}` })
  const { body } = await api.ask('POST', '/jobs/create', { url: REEL }, await asThem(userId.toUpperCase()))

  const read = await api.ask('GET', `/jobs/${body.job_id}`, undefined, await asThem(userId))
  const listed = await api.ask('GET', '/jobs', undefined, await asThem(userId.toUpperCase()))

  expect(read).toMatchObject({ status: 200, body: { job_id: body.job_id, error_code: null, attempt: 1 } })
  expect(listed.body.total).toBe(1)
})

it('answers what comes over the connection after a body that was too large', async () => {
  const server = httpServer({
    app: api.app,
    port: 0,
    log: createLogger('test', 'silent'),
    endStreams: () => {},
  })
  await server.start?.({ signal: new AbortController().signal, fail: () => {} })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const post = async (body: string) => {
    const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' }
    const options = { agent, port: server.port(), path: '/jobs/create', method: 'POST' }
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const asked = request({ ...options, headers: { ...headers, 'content-length': body.length } }, resolve)
    asked.on('error', reject).end(body)
    const response = await promise
    return { status: response.statusCode, isReused: asked.reusedSocket, body: await json(response) }
  }

  const large = await post('x'.repeat(1_300_000))
  const next = await post('{}')

  expect(large).toMatchObject({ status: 413, body: { error: { code: 'body-too-large' } } })
  expect(next).toMatchObject({ status: 422, isReused: true })
  agent.destroy()
  await server.stop?.()
})
