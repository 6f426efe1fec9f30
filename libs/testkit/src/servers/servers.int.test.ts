import { connectDb } from '@app/db'
import { Redis } from 'ioredis'
import { expect, it } from 'vitest'
import { startPglite } from './pglite.ts'
import { ownRedis, testRedis } from './redis.ts'
import { realPostgres, testDatabase } from './test-database.ts'

function connect(url: string) {
  const db = connectDb(url, { onIdleError: () => {} })
  return Object.assign(db, { [Symbol.asyncDispose]: () => db.destroy() })
}

async function jobsIn(url: string): Promise<number> {
  await using db = connect(url)
  return (await db.selectFrom('processing_jobs').select('id').execute()).length
}

it('gives every caller a migrated database of its own', async () => {
  await using one = await testDatabase()
  await using other = await testDatabase()

  expect(one.url).not.toBe(other.url)
  expect(await jobsIn(one.url)).toBe(0)
  expect(await jobsIn(other.url)).toBe(0)
})

it.skipIf(!realPostgres())('drops the database at the end of the scope', async () => {
  let url: string
  {
    await using database = await testDatabase()
    url = database.url
  }

  await expect(jobsIn(url)).rejects.toMatchObject({ code: '3D000' })
})

it('gives a migrated PGlite that speaks the same SQL', async () => {
  await using pglite = await startPglite()

  expect(await jobsIn(pglite.url)).toBe(0)
})

it('gives a Redis with a prefix that nobody else has', async () => {
  expect(testRedis().prefix).not.toBe(testRedis().prefix)
  const redis = new Redis(testRedis().url)
  try {
    expect(await redis.ping()).toBe('PONG')
  } finally {
    redis.disconnect()
  }
})

it('keeps what a Redis of its own had written when that is killed and started again', async () => {
  await using server = await ownRedis()
  const write = new Redis(server.url)
  await write.set('key', 'kept')
  write.on('error', () => {})
  write.disconnect()

  await server.kill()
  await server.revive()

  const read = new Redis(server.url)
  expect(await read.get('key')).toBe('kept')
  read.disconnect()
})
