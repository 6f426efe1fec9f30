import { randomUUID } from 'node:crypto'
import { connectDb, type Db } from '@app/db'
import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { startChildApi } from './testing/child-api.ts'
import { readEvents } from './testing/read-events.ts'
import { adminToken } from './testing/tokens.ts'

it('ends open event streams and stops at once when told to', async () => {
  await using database = await testDatabase()
  await using api = await startChildApi({ databaseUrl: database.url, redis: testRedis() })
  const authorization = `Bearer ${await adminToken()}`
  const id = await bookIn(database.url)
  const response = await fetch(`${api.url}/api/v1/admin/audiobooks/${id}/events`, {
    headers: { authorization },
  })
  const events = readEvents(response)
  const snapshot = await events.next()

  const stopped = api.stop()

  expect(snapshot).toMatchObject({ name: 'snapshot' })
  expect(await events.next()).toBeUndefined()
  expect(await stopped).toBe(0)
})

it('logs no token, ticket or signature', async () => {
  await using database = await testDatabase()
  await using api = await startChildApi({ databaseUrl: database.url, redis: testRedis() })
  const token = await adminToken()
  const headers = { authorization: `Bearer ${token}` }

  await fetch(`${api.url}/api/v1/admin/audiobooks/${randomUUID()}/events?ticket=secret-ticket`, { headers })
  await fetch(`${api.url}/media/a?expires=1&signature=secret-signature`)
  await fetch(`${api.url}/api/v1/admin/audiobooks`, { headers })
  await api.stop()

  expect(api.log()).toContain('/api/v1/admin/audiobooks')
  expect(api.log()).not.toMatch(/secret-ticket|secret-signature/)
  expect(api.log()).not.toContain(token)
})

async function bookIn(databaseUrl: string): Promise<string> {
  const db: Db = connectDb(databaseUrl, { onIdleError: () => {} })
  const book = { owner_id: randomUUID(), title: 'Emma', author: 'Jane Austen' }
  const { id } = await db.insertInto('audiobooks').values(book).returning('id').executeTakeFirstOrThrow()
  await db.destroy()
  return id
}
