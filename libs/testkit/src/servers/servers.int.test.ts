import { connectRedis, whenReady } from '@app/bus'
import { connectDb } from '@app/db'
import { Redis } from 'ioredis'
import { sql } from 'kysely'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { ownCluster } from './cluster.ts'
import { testServers } from './context.ts'
import { borrowPglite, startPglitePool } from './pglite-pool.ts'
import { ownRedis, testRedis } from './redis.ts'
import { ownSentinel } from './sentinel.ts'
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

describe.skipIf(!realPostgres())('a database that a test has used', () => {
  it('comes to the next one without rows, and without whoever was connected', async () => {
    let [left, lost] = ['', false]
    {
      await using database = await testDatabase()
      left = database.url
      const client = new pg.Client({ connectionString: left })
      client.on('error', () => {
        lost = true
      })
      await client.connect()
      await client.query(`begin; insert into workers (id, service, queues, concurrency, stale_after_ms)
        values ('w', 's', '[]', 1, 1); commit; begin; select * from workers for update`)
    }
    await using db = connect(left)

    expect(lost).toBe(true)
    // Somebody else may be at work there by now.
    expect(await db.selectFrom('workers').select('id').where('id', '=', 'w').execute()).toEqual([])
  })

  it.each([
    'create table more (id int)',
    'alter table workers add column more int',
    'create function more() returns int language sql return 1',
    'drop trigger processing_jobs_stamp on processing_jobs',
    "do $$ begin execute format('alter database %I set lock_timeout = 1', current_database()); end $$",
    'analyze workers',
    "insert into audit_log (who, action, subject) select repeat('w', 1000), 'a', 's' from generate_series(1, 5000)",
  ])('comes to nobody after: %s', async (change) => {
    let left: string
    {
      await using database = await testDatabase()
      left = database.url
      await using db = connect(left)
      await sql
        .raw(
          "insert into workers (id, service, queues, concurrency, stale_after_ms) values ('w', 's', '[]', 1, 1)",
        )
        .execute(db)
      await sql.raw(change).execute(db)
    }

    await expect(jobsIn(left)).rejects.toMatchObject({ code: '3D000' })
  })
})

it('lends a migrated PGlite again, emptied, unless more than rows has changed in it', async () => {
  const pool = await startPglitePool(testServers().tempDir)
  await using _ = { [Symbol.asyncDispose]: pool.stop }
  const change = async (statement: string) => {
    await using lent = await borrowPglite(pool.url)
    expect(await jobsIn(lent.url)).toBe(0)
    await using db = connect(lent.url)
    await sql.raw(statement).execute(db)
    return lent.url
  }

  const first = await change(
    'insert into owner_budgets (owner_id, usd_per_day) values (gen_random_uuid(), 1)',
  )
  expect(await change('create table left_over as select * from owner_budgets')).toBe(first)
  expect(await change('select 1')).not.toBe(first)
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

it('gives a Cluster that moves a slot with all that lies in it', async () => {
  await using cluster = await ownCluster()
  const redis = connectRedis(cluster.url, () => {})
  await whenReady(redis, 5_000)
  await redis.set('{tag}', 'kept')
  const before = await cluster.ownerOf('{tag}')

  const after = await cluster.moveSlotOf('{tag}')

  expect(after.port).not.toBe(before.port)
  expect((await cluster.ownerOf('{tag}')).port).toBe(after.port)
  expect(await redis.get('{tag}')).toBe('kept')
  redis.disconnect()
})

it('gives a Sentinel that makes the replica the primary when told to, and when the primary is gone', async () => {
  await using sentinel = await ownSentinel()
  const first = await sentinel.primary()
  await first.ask((redis) => redis.set('key', 'kept'))

  await sentinel.failOver()
  const second = await sentinel.primary()
  await sentinel.kill()
  await sentinel.revive()

  expect(second.port).not.toBe(first.port)
  expect((await sentinel.primary()).port).toBe(first.port)
  expect(await first.ask((redis) => redis.get('key'))).toBe('kept')
})
