import { randomUUID } from 'node:crypto'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { startTestApi } from '../testing/test-api.ts'
import { adminToken, serviceToken, userToken } from '../testing/tokens.ts'

const ADMIN = '/api/v1/admin'

/** Every route there is, from its own document: one that is added later is asked here too. */
async function routesOf(app: Awaited<ReturnType<typeof startTestApi>>['app']) {
  const document = (await (await app.request('/openapi.json')).json()) as { paths: Record<string, object> }
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{.+?\}/g, randomUUID()),
    })),
  )
}

it('asks for a token on every route under /api and /jobs, and for the right one', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const routes = (await routesOf(api.app)).filter(({ path }) => /^\/(api|jobs)\b/.test(path))
  const ask = async (method: string, path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const { status, body } = await api.ask(method, path, undefined, headers)
    return `${status} ${body.error?.code}`
  }
  const [user, service, admin, expired] = await Promise.all([
    userToken(),
    serviceToken(),
    adminToken(),
    adminToken({ expiresInS: -1 }),
  ])

  expect(routes.length).toBeGreaterThan(3)
  for (const { method, path } of routes) {
    const isService = path.startsWith(ADMIN) && path.endsWith('/status')
    const isAdmin = path.startsWith(ADMIN) && !isService
    expect(await ask(method, path), `${method} ${path}`).toBe('401 token-missing')
    expect(await ask(method, path, 'nonsense'), path).toBe('401 token-invalid')
    expect(await ask(method, path, expired), path).toBe('401 token-expired')
    if (isAdmin) expect(await ask(method, path, user), path).toBe('403 admin-only')
    if (isAdmin) expect(await ask(method, path, service), path).toBe('403 admin-only')
    if (isService) expect(await ask(method, path, user), path).toBe('403 service-only')
    if (isService) expect(await ask(method, path, admin), path).toBe('403 service-only')
  }
})

it('answers errors in one form, with a request id and without a stack', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const unknown = await api.ask('GET', '/no/such/path')
  const refused = await api.ask('GET', `${ADMIN}/uploads/${randomUUID()}`, undefined, {})

  expect(unknown).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } })
  expect(unknown.headers.get('x-request-id')).toBeTruthy()
  expect(refused.headers.get('www-authenticate')).toBe('Bearer')
  expect(JSON.stringify([unknown.body, refused.body])).not.toMatch(/\bat \S+:\d+/)
})

it('says at once that the database is away', async () => {
  const database = await testDatabase()
  await using api = await startTestApi({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    redis: testRedis(),
  })
  await using _ = database

  const answer = await api.ask('GET', `${ADMIN}/uploads/${randomUUID()}`)

  expect(answer).toMatchObject({ status: 503, body: { error: { code: 'database-unavailable' } } })
  expect(answer.headers.get('retry-after')).toBe('5')
})

it('lets nothing in an answer run or be framed', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const { headers } = await api.ask('GET', `${ADMIN}/uploads/${randomUUID()}`)

  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('x-frame-options')).toBe('DENY')
})
