import { ownRedis, parseMetrics, testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { startTestApi } from '../testing/test-api.ts'

it('is ready with Postgres and Redis', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const answer = await api.ask('GET', '/readyz', undefined, {})

  expect(answer).toMatchObject({ status: 200, body: { ok: true, checks: { postgres: 'ok', redis: 'ok' } } })
})

it('stays ready without Redis, and says so: books can still be made', async () => {
  await using database = await testDatabase()
  await using redis = await ownRedis()
  await using api = await startTestApi({ databaseUrl: database.url, redis })
  await redis.kill()

  const answer = await api.ask('GET', '/readyz', undefined, {})

  expect(answer).toMatchObject({ status: 200, body: { ok: true, degraded: ['redis'] } })
})

it('is alive but not ready without Postgres', async () => {
  await using api = await startTestApi({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    redis: testRedis(),
  })

  expect((await api.ask('GET', '/healthz', undefined, {})).status).toBe(200)
  expect(await api.ask('GET', '/readyz', undefined, {})).toMatchObject({ status: 503, body: { ok: false } })
})

it('tells Prometheus what it counts, without a token', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const answer = await api.ask('GET', '/metrics', undefined, {})

  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0.0.4/)
  expect(parseMetrics(answer.body).has('scriptorium_tickets_dispatched_total')).toBe(true)
})
