import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { type TestServers, testServers } from './context.ts'
import { borrowPglite } from './pglite-pool.ts'
import { administer, databaseUrl } from './template-database.ts'
import { usedDatabases } from './used-databases.ts'

export interface TestDatabase extends AsyncDisposable {
  url: string
}

/**
 * A migrated database without rows that is nobody else's until the end of the scope. Its connections are closed then.
 * Where there is no PostgreSQL, a PGlite.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const { postgres, tempDir } = testServers()
  if (!postgres) return borrowPglite()
  const used = usedDatabases({ ...postgres, directory: path.join(tempDir, 'used-databases') })
  const name = used.take() ?? (await createDatabase(postgres))
  return {
    url: databaseUrl(postgres.adminUrl, name),
    [Symbol.asyncDispose]: () => used.giveBack(name),
  }
}

type Postgres = NonNullable<TestServers['postgres']>

async function createDatabase({ adminUrl, template }: Postgres): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(adminUrl, `create database ${name} template ${template.name}`)
  return name
}

/** For `it.skipIf(!realPostgres())`: tests of what PGlite, with its one session, cannot show. */
export function realPostgres(): boolean {
  return testServers().postgres !== undefined
}
