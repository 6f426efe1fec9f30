import { connectDb, expireObjects, hurryObjects, inTransaction, keepObjects } from '@app/db'
import { createLogger } from '@app/runtime'
import { realPostgres, testDatabase } from '@app/testkit'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'

import { createStorageSweeper } from './storage-sweeper.ts'

const HOUR_MS = 3_600_000

it('removes what is due, and leaves what is not yet or has been kept', async () => {
  await using world = await sweeping()
  await expireObjects(world.db, ['due', 'kept'], 60_000)
  await expireObjects(world.db, ['later'], HOUR_MS)
  await inTransaction(world.db, (trx) => keepObjects(trx, ['kept']))
  await hurryObjects(world.db, ['due', 'kept'])

  await world.sweeper.sweep()

  expect(world.removed).toEqual(['due'])
  expect(await world.marked()).toEqual(['later'])
})

it('lets nobody keep an object that is due: it may be gone', async () => {
  await using world = await sweeping()
  await expireObjects(world.db, ['due'], 0)

  const isKept = await inTransaction(world.db, (trx) => keepObjects(trx, ['due']))

  expect(isKept).toBe(false)
})

// PGlite has one session: there is no other transaction to be in the way.
it.skipIf(!realPostgres())('leaves an object alone that a transaction is keeping this moment', async () => {
  await using world = await sweeping()
  await expireObjects(world.db, ['kept'], 2_000)
  const [taken, swept] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const keeping = world.db.transaction().execute(async (trx) => {
    expect(await keepObjects(trx, ['kept'])).toBe(true)
    taken.resolve()
    await swept.promise
  })
  await taken.promise
  // To everybody else the mark still stands, and falls due now.
  await vi.waitFor(async () => expect(await world.due()).toEqual(['kept']), 20_000)

  await world.sweeper.sweep()
  swept.resolve()
  await keeping
  await world.sweeper.sweep()

  expect(world.removed).toEqual([])
  expect(await world.marked()).toEqual([])
})

it('goes on with the others when one object resists', async () => {
  await using world = await sweeping({ resists: 'stuck' })
  await expireObjects(world.db, ['stuck'], 0)
  await world.sweeper.sweep()
  await expireObjects(world.db, ['fine'], 0)

  await world.sweeper.removeNow(['fine'])

  expect(world.removed).toEqual(['fine'])
  expect(await world.marked()).toEqual(['stuck'])
})

async function sweeping({ resists }: { resists?: string } = {}) {
  const database = await testDatabase()
  const db = connectDb(database.url, { onIdleError: () => {} })
  const removed: string[] = []
  const storage = {
    async remove(keys: readonly string[]) {
      if (keys.some((key) => key === resists)) throw new Error('not now')
      removed.push(...keys)
    },
  }
  return {
    db,
    removed,
    sweeper: createStorageSweeper({ db, storage, log: createLogger('test', 'silent') }),
    due: async () => {
      const { rows } = await sql<{ object_key: string }>`
        select object_key from storage_deletions where delete_after <= now()`.execute(db)
      return rows.map((row) => row.object_key)
    },
    marked: async () => {
      const rows = await db.selectFrom('storage_deletions').select('object_key').execute()
      return rows.map((row) => row.object_key)
    },
    async [Symbol.asyncDispose]() {
      await db.destroy()
      await database[Symbol.asyncDispose]()
    },
  }
}
