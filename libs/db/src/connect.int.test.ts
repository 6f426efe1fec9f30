import { realPostgres, testDatabase } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { connectDb } from './index.ts'

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
