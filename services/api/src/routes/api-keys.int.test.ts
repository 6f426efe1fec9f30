import { randomUUID } from 'node:crypto'
import { ApiKeyMade, ApiKeyPage } from '@app/contracts'
import { beginProviderCall, endProviderCall } from '@app/db'
import { testDatabase, testRedis } from '@app/testkit'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startTestApi, type TestApi } from '../testing/test-api.ts'

const KEYS = '/api/v1/admin/api-keys'
const REEL = 'https://www.instagram.com/reel/ABC123xyz/'
let database: Awaited<ReturnType<typeof testDatabase>>
let api: TestApi
beforeAll(async () => {
  database = await testDatabase()
  api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
})
afterAll(async () => {
  await api[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
})

async function newKey(over: object = {}) {
  const body = { name: 'A shop', owner_id: randomUUID(), scopes: ['jobs:write', 'jobs:read'], ...over }
  const made = ApiKeyMade.parse((await api.ask('POST', KEYS, body)).body)
  const ask = (method: string, path: string, sent?: unknown) =>
    api.ask(method, path, sent, { authorization: `Bearer ${made.key}` })
  return { ...made, ask }
}

it('makes a key that is shown once, and works for its owner', async () => {
  const { ask, key, id, owner_id } = await newKey()

  const created = await ask('POST', '/jobs/create', { url: REEL })
  const status = await ask('GET', `/jobs/${created.body.job_id}/status`)
  const row = await api.db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst()
  const clip = await api.db
    .selectFrom('clips')
    .select(['owner_id', 'api_key_id'])
    .where('id', '=', created.body.job_id)
    .executeTakeFirst()

  expect(key).toMatch(/^sk_[0-9A-Za-z]{49}$/)
  expect([created.status, status.status]).toEqual([201, 200])
  expect(clip).toEqual({ owner_id, api_key_id: id })
  expect(JSON.stringify(row)).not.toContain(key.slice(11))
})

it('lists keys without their text, and revokes them at once; both acts stand in the audit log', async () => {
  const { ask, key, id, owner_id } = await newKey()
  const listed = await api.ask('GET', `${KEYS}?owner_id=${owner_id}`)

  const revoked = await api.ask('DELETE', `${KEYS}/${id}`)
  const again = await api.ask('DELETE', `${KEYS}/${id}`)
  const after = await ask('GET', '/jobs')
  const acts = await api.db
    .selectFrom('audit_log')
    .select('action')
    .where('subject', '=', `api key ${id}`)
    .orderBy('at')
    .execute()

  expect(ApiKeyPage.parse(listed.body)).toMatchObject({ total: 1, api_keys: [{ id, revoked_at: null }] })
  expect(JSON.stringify(listed.body)).not.toContain(key.slice(11))
  expect([revoked.status, again.status]).toEqual([204, 204])
  expect(after).toMatchObject({ status: 401, body: { error: { code: 'api-key-revoked' } } })
  expect(acts.map(({ action }) => action)).toEqual(['api-key-made', 'api-key-revoked'])
  expect((await api.ask('DELETE', `${KEYS}/${randomUUID()}`)).status).toBe(404)
})

it('refuses a key that has expired, and one that never was', async () => {
  const expired = await newKey({ expires_at: '2026-01-01T00:00:00Z' })
  const { key } = await newKey()
  const ask = (token: string) => api.ask('GET', '/jobs', undefined, { authorization: `Bearer ${token}` })

  expect(await expired.ask('GET', '/jobs')).toMatchObject({
    ...{ status: 401, body: { error: { code: 'api-key-expired' } } },
  })
  for (const token of [`${key.slice(0, -1)}!`, `${key}x`, 'sk_short']) {
    expect((await ask(token)).status, token).toBe(401)
  }
  await api.db.deleteFrom('api_keys').where('prefix', '=', key.slice(0, 11)).execute()
  expect(await ask(key)).toMatchObject({ status: 401, body: { error: { code: 'api-key-invalid' } } })
})

it('lets a key do what its scopes name, and nothing else', async () => {
  const reader = await newKey({ scopes: ['jobs:read'] })
  const searcher = await newKey({ scopes: ['search'] })
  const hooks = await newKey({ scopes: ['webhooks'], requests_per_minute: 60 })
  const refused = { status: 403, body: { error: { code: 'scope-missing' } } }

  expect((await reader.ask('GET', '/jobs')).status).toBe(200)
  expect(await reader.ask('POST', '/jobs/create', { url: REEL })).toMatchObject(refused)
  expect(await reader.ask('POST', '/api/v1/process', { url: REEL })).toMatchObject(refused)
  expect(await reader.ask('GET', '/api/v1/search?q=cat')).toMatchObject(refused)
  expect((await searcher.ask('GET', '/api/v1/search?q=cat')).status).toBe(200)
  expect(await searcher.ask('GET', '/jobs')).toMatchObject(refused)
  const listed = await hooks.ask('GET', '/webhooks')
  expect(listed.status).toBe(200)
  expect(listed.headers.get('ratelimit')).toContain('r=59')
  expect(await reader.ask('GET', '/webhooks')).toMatchObject(refused)
  expect(await reader.ask('GET', KEYS)).toMatchObject(refused)
  expect(await reader.ask('POST', `/api/v1/audiobooks/${randomUUID()}/analysis`)).toMatchObject(refused)
})

it('keeps a key to its requests a minute, and says how many are left', async () => {
  const { ask } = await newKey({ requests_per_minute: 2 })
  const other = await newKey({ requests_per_minute: 2 })

  const answers = []
  for (let sent = 0; sent < 4; sent += 1) answers.push(await ask('GET', '/jobs'))

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 429])
  expect(answers[0]?.headers.get('ratelimit-policy')).toBe('"key";q=2;w=60')
  expect(answers.map(({ headers }) => headers.get('ratelimit')?.split(';')[1])).toEqual([
    ...['r=1', 'r=0', 'r=0', 'r=0'],
  ])
  expect(answers[3]?.body.error.code).toBe('rate-limited')
  const retryAfterS = Number(answers[3]?.headers.get('retry-after'))
  expect(retryAfterS).toBeGreaterThan(0)
  expect(retryAfterS).toBeLessThanOrEqual(30)
  expect((await other.ask('GET', '/jobs')).status).toBe(200)
})

it('lets keys through while Redis is away', async () => {
  await using away = await startTestApi({
    databaseUrl: database.url,
    redis: { url: 'redis://127.0.0.1:1', prefix: 'none' },
  })
  const { key } = await newKey({ requests_per_minute: 1 })
  const ask = () => away.ask('GET', '/jobs', undefined, { authorization: `Bearer ${key}` })

  expect([(await ask()).status, (await ask()).status]).toEqual([200, 200])
})

it('takes no new job under a key whose day is spent, and says when that is over', async () => {
  const { ask, id } = await newKey({ usd_per_day: 0.5 })
  const other = await newKey({ usd_per_day: 0.5 })
  const { body } = await ask('POST', '/jobs/create', { url: REEL })
  const call = { provider: 'openai', model: 'm', operation: 'analyze', jobId: body.rq_job_id }
  await endProviderCall(api.db, await beginProviderCall(api.db, call), { outcome: 'answered', costUsd: 0.75 })

  const over = await ask('POST', '/jobs/create', { url: REEL })
  const batch = await ask('POST', '/jobs/batch', { urls: [REEL] })
  // What was spent stays spent.
  await ask('DELETE', `/jobs/${body.job_id}`)
  const stillOver = await ask('POST', '/jobs/create', { url: REEL })

  for (const answer of [over, batch, stillOver]) {
    expect(answer).toMatchObject({ status: 429, body: { error: { code: 'over_budget' } } })
  }
  expect(over.body.error.message).toContain('$0.75 of this API key’s $0.50')
  expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(Number(over.headers.get('retry-after'))).toBeLessThanOrEqual(86_400)
  expect((await ask('GET', '/jobs')).status).toBe(200)
  expect((await other.ask('POST', '/jobs/create', { url: REEL })).status).toBe(201)
  expect((await api.ask('GET', KEYS)).body.api_keys).toContainEqual(
    expect.objectContaining({ id, spent_usd_today: 0.75 }),
  )
})

it('notes when a key was last used, to the minute', async () => {
  const { ask, id } = await newKey()
  const usedAt = async () =>
    (await api.db.selectFrom('api_keys').select('last_used_at').where('id', '=', id).executeTakeFirst())
      ?.last_used_at

  await ask('GET', '/jobs')
  const first = await vi.waitUntil(usedAt, { timeout: 20_000 })
  await ask('GET', '/jobs')
  const second = await usedAt()
  await sql`update api_keys set last_used_at = now() - interval '61 seconds' where id = ${id}`.execute(api.db)
  await ask('GET', '/jobs')

  expect(second).toEqual(first)
  await vi.waitFor(async () => expect(((await usedAt()) ?? 0) >= first).toBe(true), 20_000)
})
