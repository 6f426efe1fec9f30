import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { connectDb } from '@app/db'
import { createLogger } from '@app/runtime'
import { createApi } from '../create-api.ts'
import { adminToken, JWT_SECRET } from './tokens.ts'

export type TestApi = Awaited<ReturnType<typeof startTestApi>>

/** The whole API over a real database and a storage directory of its own, asked without a port. */
export async function startTestApi(databaseUrl: string, options: { maxFileBytes?: number } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'api-test-'))
  const storageDirectory = join(directory, 'storage')
  const db = connectDb(databaseUrl, { onIdleError: () => {} })
  const log = createLogger('test', 'silent')
  const { app, parts, sweeper } = createApi({
    log,
    db,
    storage: {
      async putFile(key, path) {
        const to = join(storageDirectory, key)
        await mkdir(dirname(to), { recursive: true })
        await copyFile(path, to)
      },
      async remove(keys: readonly string[]) {
        for (const key of keys) await rm(join(storageDirectory, key), { force: true })
      },
    },
    spoolDirectory: join(directory, 'spool'),
    maxFileBytes: options.maxFileBytes ?? 1_000_000_000,
    tokens: { secret: JWT_SECRET },
    signingSecret: 'another secret of thirty-two characters',
    corsOrigins: [],
  })
  const control = { signal: new AbortController().signal, fail: () => {} }
  for (const part of parts) await part.start?.(control)
  const token = await adminToken()
  const asAdmin = { authorization: `Bearer ${token}` }

  return {
    app,
    db,
    token,

    /** Asks as an admin, and answers the parsed JSON beside the status. */
    async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = asAdmin) {
      const json = body === undefined ? {} : { 'content-type': 'application/json' }
      const response = await app.request(path, {
        method,
        headers: { ...json, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      return await answerOf(response)
    },

    async send(path: string, form: FormData) {
      return await answerOf(await app.request(path, { method: 'POST', headers: asAdmin, body: form }))
    },

    sweep: sweeper.sweep,
    storedFiles: () => filesUnder(storageDirectory),
    spooledFiles: () => filesUnder(join(directory, 'spool')),

    async [Symbol.asyncDispose]() {
      for (const part of parts.toReversed()) await part.stop?.()
      await db.destroy()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function answerOf(response: Response) {
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  const body: any = isJson ? JSON.parse(text) : text
  return { status: response.status, headers: response.headers, body }
}

async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
}
