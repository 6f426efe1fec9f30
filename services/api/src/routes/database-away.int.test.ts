import { startFaultyProxy } from '@app/infra'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it, vi } from 'vitest'
import { startTestApi } from '../testing/test-api.ts'

const BOOKS = '/api/v1/admin/audiobooks'
const UNAVAILABLE = { status: 503, body: { error: { code: 'database-unavailable' } } }

/** An API whose way to the database can be cut, or made to swallow everything. */
async function apiBehindProxy() {
  const database = await testDatabase()
  const url = new URL(database.url)
  const proxy = await startFaultyProxy(Number(url.port))
  url.port = String(proxy.port)
  const api = await startTestApi({ databaseUrl: url.href, redis: testRedis(), silenceMs: 600 })
  return {
    ...{ api, proxy },
    books: () => api.ask('GET', BOOKS),
    async [Symbol.asyncDispose]() {
      proxy.cut()
      await api[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

it('answers 503 while the database is down, and as ever once it is back', async () => {
  await using under = await apiBehindProxy()
  expect(await under.books()).toMatchObject({ status: 200 })

  under.proxy.set({ refuses: true })
  under.proxy.cut()
  const refused = await under.books()

  expect(refused).toMatchObject(UNAVAILABLE)
  expect(refused.headers.get('retry-after')).toBe('5')
  under.proxy.heal()
  await vi.waitFor(async () => expect(await under.books()).toMatchObject({ status: 200 }), {
    timeout: 20_000,
  })
})

// A statement is given up after 35 seconds, a connection after 5: the test's own limit is below what two of them take.
it('answers 503 while the database hangs, also to whom it kept waiting', { timeout: 30_000 }, async () => {
  await using under = await apiBehindProxy()
  expect(await under.books()).toMatchObject({ status: 200 })

  under.proxy.set({ dropsRequests: true, dropsAnswers: true })
  const waiting = await Promise.all([under.books(), under.books()])
  const later = await under.books()

  expect(waiting).toMatchObject([UNAVAILABLE, UNAVAILABLE])
  expect(later).toMatchObject(UNAVAILABLE)
  expect(await under.api.ask('GET', '/readyz')).toMatchObject({ status: 503 })
  expect(await under.api.ask('GET', '/healthz')).toMatchObject({ status: 200 })
  under.proxy.heal()
  await vi.waitFor(async () => expect(await under.books()).toMatchObject({ status: 200 }), {
    timeout: 20_000,
  })
})
