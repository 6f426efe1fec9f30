import { constants, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'

const extensions = { vector }

/** Opens the database kept in a folder, and creates it the first time. */
export async function openPglite(dataDir: string): Promise<PGlite> {
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) await createDatabase(dataDir)
  return await PGlite.create(dataDir, { extensions })
}

/** Made beside its place and moved there whole: half a database would look like one that is broken. */
async function createDatabase(dataDir: string): Promise<void> {
  const draft = `${dataDir}.new`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(path.dirname(dataDir), { recursive: true, mode: 0o700 })
  cpSync(await blankDatabase(), draft, { recursive: true, mode: constants.COPYFILE_FICLONE })
  rmSync(dataDir, { recursive: true, force: true })
  renameSync(draft, dataDir)
}

/** PGlite takes five seconds and more to create a database, and an instant to open a copy of one. */
async function blankDatabase(): Promise<string> {
  const cache = path.resolve(import.meta.dirname, '../../../.cache')
  const blank = path.join(cache, `pglite-${pgliteVersion()}`)
  if (existsSync(blank)) return blank
  const draft = `${blank}.${process.pid}`
  mkdirSync(cache, { recursive: true })
  const database = await PGlite.create(draft, { extensions })
  await database.close()
  try {
    renameSync(draft, blank)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another process may have been faster; then its copy serves as well.
    if (!existsSync(blank)) throw error
  }
  return blank
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest = path.join(path.dirname(entry), '../package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
