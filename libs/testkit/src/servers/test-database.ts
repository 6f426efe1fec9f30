import { randomUUID } from 'node:crypto'
import { testServers } from './context.ts'
import { startPglite } from './pglite.ts'
import { administer, databaseUrl } from './template-database.ts'

export interface TestDatabase extends AsyncDisposable {
  url: string
}

/** A migrated database of its own, gone at the end of the scope. Where there is no PostgreSQL, a PGlite. */
export async function testDatabase(): Promise<TestDatabase> {
  const { postgres } = testServers()
  if (!postgres) return startPglite()
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(postgres.adminUrl, `create database ${name} template ${postgres.template}`)
  return {
    url: databaseUrl(postgres.adminUrl, name),
    [Symbol.asyncDispose]: () =>
      administer(postgres.adminUrl, `drop database if exists ${name} with (force)`),
  }
}

/** For `it.skipIf(!realPostgres())`: tests of what PGlite, with its one session, cannot show. */
export function realPostgres(): boolean {
  return testServers().postgres !== undefined
}
