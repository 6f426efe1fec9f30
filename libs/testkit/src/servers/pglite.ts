import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { connectDb, migrateToLatest } from '@app/db'
import { type PgliteOptions, type RunningPglite, startPgliteServer, takeFileLock } from '@app/infra'
import { testServers } from './context.ts'

const PASSWORD = 'test'
/** Creating a database takes PGlite about five seconds, more on a busy machine. */
const TEMPLATE_WAIT_MS = 60_000

export interface TestPglite extends AsyncDisposable {
  url: string
  server: RunningPglite
}

/** A migrated PGlite in a process of its own: its connections share one session, so files must not share it. */
export async function startPglite(options: Partial<PgliteOptions> = {}): Promise<TestPglite> {
  const dataDir = path.join(testServers().tempDir, `pglite-${randomUUID()}`)
  cpSync(await migratedTemplate(), dataDir, { recursive: true })
  const server = await startPgliteServer({ dataDir, password: PASSWORD, ...options })
  return {
    url: server.url,
    server,
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Made by whoever needs it first; the others wait for it. */
async function migratedTemplate(): Promise<string> {
  const template = path.join(testServers().tempDir, 'pglite-template')
  if (existsSync(template)) return template
  const lock = takeFileLock(`${template}.lock`, TEMPLATE_WAIT_MS)
  if (!lock) throw new Error('waited in vain for another test file to create the PGlite template')
  try {
    if (!existsSync(template)) await createTemplate(template)
    return template
  } finally {
    lock.release()
  }
}

async function createTemplate(template: string): Promise<void> {
  const draft = `${template}.draft`
  rmSync(draft, { recursive: true, force: true })
  const server = await startPgliteServer({ dataDir: draft, password: PASSWORD })
  const db = connectDb(server.url, { onIdleError: () => {}, maxConnections: 1 })
  try {
    await migrateToLatest(db)
  } finally {
    await db.destroy()
    await server.stop()
  }
  renameSync(draft, template)
}
