import { afterAll, beforeAll, describe } from 'vitest'
import { onConnection } from './servers/connection.ts'
import { emptyTables } from './servers/empty-tables.ts'
import { borrowPglite } from './servers/pglite-pool.ts'
import { realPostgres } from './servers/test-database.ts'
import { testWorld, type World, type WorldOptions } from './world.ts'

/** Defines the same tests for PostgreSQL and for PGlite, which differ in what they do about connections. */
export function onEachDatabase(
  define: (newWorld: (options?: Pick<WorldOptions, 'jobs'>) => Promise<World>) => void,
): void {
  describe.skipIf(!realPostgres())('on PostgreSQL', () => define(testWorld))

  describe('on PGlite', () => {
    let pglite: Awaited<ReturnType<typeof borrowPglite>>
    beforeAll(async () => {
      pglite = await borrowPglite()
    })
    afterAll(() => pglite[Symbol.asyncDispose]())

    define(async (options) => {
      // One PGlite serves a whole file, so each test begins by clearing what the one before left.
      await onConnection(pglite.url, emptyTables)
      return await testWorld({ ...options, databaseUrl: pglite.url })
    })
  })
}
