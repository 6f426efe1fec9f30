import { type Migration, Migrator } from 'kysely/migration'
import type { Db } from './connect.ts'
import * as audiobooks from './migrations/0001-audiobooks.ts'
import * as jobRuntime from './migrations/0002-job-runtime.ts'
import * as jobFunctions from './migrations/0003-job-functions.ts'
import * as providers from './migrations/0004-providers.ts'
import * as clips from './migrations/0005-clips.ts'
import * as dispatchOutlook from './migrations/0006-dispatch-outlook.ts'
import * as plansOfFunctions from './migrations/0007-plans-of-functions.ts'
import * as dispatchTurns from './migrations/0008-dispatch-turns.ts'
import * as plansUncompiled from './migrations/0009-plans-uncompiled.ts'
import { secureRows } from './row-security.ts'

/** In order of name; forward only, each safe while the version before it still runs. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-audiobooks': audiobooks,
  '0002-job-runtime': jobRuntime,
  '0003-job-functions': jobFunctions,
  '0004-providers': providers,
  '0005-clips': clips,
  '0006-dispatch-outlook': dispatchOutlook,
  '0007-plans-of-functions': plansOfFunctions,
  '0008-dispatch-turns': dispatchTurns,
  '0009-plans-uncompiled': plansUncompiled,
}

/**
 * Brings the schema up to date, and its tables behind Row Level Security where that is Supabase's. May be called by any
 * number of processes at once; returns what it applied.
 */
export async function migrateToLatest(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) throw error
  await secureRows(db)
  return results.filter((result) => result.status === 'Success').map((result) => result.migrationName)
}
