import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'

const extensions = { vector }
const CACHE = path.resolve(import.meta.dirname, '../../../.cache')

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
  const blank = await blankDatabase()
  if (blank) cpSync(blank, draft, { recursive: true, mode: constants.COPYFILE_FICLONE })
  else await createBlank(draft)
  rmSync(dataDir, { recursive: true, force: true })
  renameSync(draft, dataDir)
}

/**
 * PGlite takes five seconds and more to create a database, and an instant to open a copy of one. Undefined where none
 * can be kept.
 */
async function blankDatabase(): Promise<string | undefined> {
  const blank = path.join(CACHE, `pglite-${pgliteVersion()}`)
  if (existsSync(blank)) return blank
  if (!isCacheWritable()) return undefined
  const draft = `${blank}.${process.pid}`
  await createBlank(draft)
  try {
    renameSync(draft, blank)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    // Another process may have been faster; then its copy serves as well.
    if (!existsSync(blank)) throw error
  }
  return blank
}

async function createBlank(directory: string): Promise<void> {
  const database = await PGlite.create(directory, { extensions })
  await database.close()
}

/** Not in a clone that is read-only, or somebody else's. */
function isCacheWritable(): boolean {
  try {
    mkdirSync(CACHE, { recursive: true })
    accessSync(CACHE, constants.W_OK)
    return true
  } catch {
    return false
  }
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const manifest = path.join(path.dirname(entry), '../package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}
