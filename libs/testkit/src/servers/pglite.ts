import { randomUUID } from 'node:crypto'
import { cpSync, existsSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { connectDb, migrateToLatest } from '@app/db'
import {
  type FileLock,
  type PgliteOptions,
  type RunningPglite,
  startPgliteServer,
  takeFileLock,
} from '@app/infra'
import { testServers } from './context.ts'
import { until } from './until.ts'

const PASSWORD = 'test'

export interface TestPglite extends AsyncDisposable {
  url: string
  server: RunningPglite
}

/** A migrated PGlite in a process of its own: its connections share one session, so files must not share it. */
export function startPglite(options: Partial<PgliteOptions> = {}): Promise<TestPglite> {
  return startPgliteIn(testServers().tempDir, options)
}

/** The same for the process of the global setup. */
export async function startPgliteIn(
  tempDir: string,
  options: Partial<PgliteOptions> = {},
): Promise<TestPglite> {
  const dataDir = path.join(tempDir, `pglite-${randomUUID()}`)
  cpSync(await migratedTemplate(tempDir), dataDir, { recursive: true })
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
async function migratedTemplate(tempDir: string): Promise<string> {
  const template = path.join(tempDir, 'pglite-template')
  const locks: FileLock[] = []
  // Asking again instead of waiting inside SQLite: this may be the process that serves all others.
  await until('the PGlite template is made, or ours to make', async () => {
    if (!existsSync(template)) locks.push(...[takeFileLock(`${template}.lock`)].filter((lock) => !!lock))
    return existsSync(template) || locks.length > 0
  })
  try {
    if (!existsSync(template)) await createTemplate(template)
    return template
  } finally {
    for (const lock of locks) lock.release()
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
