import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'

const extensions = { vector }

/** Opens the database kept in a folder, and creates it the first time (about five seconds). */
export async function openPglite(dataDir: string): Promise<PGlite> {
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) await createDatabase(dataDir)
  return await PGlite.create(dataDir, { extensions })
}

/** Made beside its place and moved there whole: half a database would look like one that is broken. */
async function createDatabase(dataDir: string): Promise<void> {
  const draft = `${dataDir}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(path.dirname(dataDir), { recursive: true, mode: 0o700 })
  const database = await PGlite.create(draft, { extensions })
  await database.close()
  rmSync(dataDir, { recursive: true, force: true })
  renameSync(draft, dataDir)
}
