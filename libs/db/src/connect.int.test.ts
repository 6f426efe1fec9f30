import { setImmediate } from 'node:timers/promises'
import { startFaultyProxy } from '@app/infra'
import { realPostgres, testDatabase } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { connectDb, type Db, isConnectionError, pingDb } from './index.ts'

// PGlite serves one statement at a time, so the one that hangs would hold up the next on any connection.
it.skipIf(!realPostgres())('never uses a connection again on which an answer is still to come', async () => {
  await using database = await testDatabase()
  const db = connectDb(database.url, { onIdleError: () => {}, maxConnections: 1, queryTimeoutMs: 300 })
  const backend = async () =>
    (await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)).rows[0]?.pid
  try {
    const first = await backend()
    await expect(sql`select pg_sleep(5)`.execute(db)).rejects.toThrow('Query read timeout')

    expect(await backend()).not.toBe(first)
  } finally {
    await db.destroy()
  }
})

/** Long enough for what waits for nothing, too short for any network. */
async function turns(count: number): Promise<string> {
  for (let turn = 0; turn < count; turn += 1) await setImmediate()
  return 'still waiting'
}

/** A database behind a network that can be made to swallow everything. */
async function behindProxy(silenceMs?: number) {
  const database = await testDatabase()
  const url = new URL(database.url)
  const proxy = await startFaultyProxy(Number(url.port))
  url.port = String(proxy.port)
  const db = connectDb(url.href, { onIdleError: () => {}, maxConnections: 2, silenceMs })
  return {
    db,
    proxy,
    async [Symbol.asyncDispose]() {
      proxy.cut()
      await db.destroy()
      await proxy[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

const failure = (db: Db) =>
  pingDb(db).then(
    () => undefined,
    (error: Error) => error,
  )

it('keeps nobody waiting for a database that hangs, and asks it again when it answers', async () => {
  await using under = await behindProxy(600)
  const { db, proxy } = under
  await pingDb(db)
  proxy.set({ dropsRequests: true, dropsAnswers: true })

  // One on the idle connection, one that wants another, one that finds none free.
  const first = await Promise.all([failure(db), failure(db), failure(db)])
  const later = await Promise.race([failure(db), turns(10)])

  expect(first).toMatchObject(Array(3).fill({ code: 'database-silent' }))
  expect(first.every(isConnectionError)).toBe(true)
  expect(later).toMatchObject({ code: 'database-silent' })

  proxy.heal()
  await vi.waitFor(() => pingDb(db), { timeout: 20_000, interval: 50 })
})

it.skipIf(!realPostgres())('takes no slow statement for a database that hangs', async () => {
  await using under = await behindProxy(2_000)

  const { rows } = await sql<{ done: number }>`select 1 as done from pg_sleep(4)`.execute(under.db)

  expect(rows).toEqual([{ done: 1 }])
})
