import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectRedis, createBus, whenReady } from '@app/bus'
import { connectDb } from '@app/db'
import { createJobMetrics } from '@app/jobs'
import { type EmbeddingModel, type Embeddings, lexicalEmbeddings } from '@app/language'
import { PLATFORMS } from '@app/platforms'
import { createLogger, Secret } from '@app/runtime'
import { storageFrom } from '@app/storage'
import { createApi } from '../create-api.ts'
import { adminToken, JWT_SECRET } from './tokens.ts'

export type TestApi = Awaited<ReturnType<typeof startTestApi>>

interface TestApiOptions {
  databaseUrl: string
  redis: { url: string; prefix: string }
  maxFileBytes?: number
  streamPollMs?: number
  silenceMs?: number
  enableLegacyRoutes?: boolean
  legacyWaitMs?: number
  corsOrigins?: string[]
  embeddings?: Embeddings
  earlierEmbeddings?: (model: EmbeddingModel) => Embeddings | undefined
}

export const PUBLIC_URL = 'https://books.example'
export const REVAI_TOKEN = 'what Rev.ai was told to say'
export const SIGNING_SECRET = 'another secret of thirty-two characters'

const ALWAYS = {
  tokens: { secret: JWT_SECRET },
  signingSecret: SIGNING_SECRET,
  publicUrl: PUBLIC_URL,
  revaiToken: new Secret(REVAI_TOKEN),
  urlRules: { allowedHosts: [] },
  platforms: PLATFORMS,
  allowHttpWebhooks: false,
}

/** The whole API over real servers and a storage directory of its own, asked without a port. */
export async function startTestApi({
  databaseUrl,
  redis,
  maxFileBytes = 1_000_000_000,
  streamPollMs = 300,
  silenceMs,
  enableLegacyRoutes = false,
  legacyWaitMs,
  corsOrigins = [],
  ...models
}: TestApiOptions) {
  const directory = await mkdtemp(join(tmpdir(), 'api-test-'))
  const storageDirectory = join(directory, 'storage')
  const signing = new Secret(SIGNING_SECRET)
  const storage = storageFrom({ STORAGE_DIR: storageDirectory, SIGNING_SECRET: signing, PUBLIC_URL })
  const db = connectDb(databaseUrl, { onIdleError: () => {}, silenceMs })
  const connection = connectRedis(redis.url, () => {})
  // A test without Redis says so by a port nobody listens on.
  await whenReady(connection, redis.url.endsWith(':1') ? 0 : 5_000).catch(() => {})
  const bus = createBus(connection, redis.prefix)
  const { app, parts, sweeper, endStreams } = createApi({
    log: createLogger('test', 'silent'),
    db,
    bus,
    metrics: createJobMetrics(),
    redisUrl: redis.url,
    storage,
    ...{ embeddings: lexicalEmbeddings(), ...models },
    ...{ ...ALWAYS, spoolDirectory: join(directory, 'spool'), maxFileBytes },
    ...{ streamPollMs, enableLegacyRoutes, legacyWaitMs, corsOrigins },
  })
  const control = { signal: new AbortController().signal, fail: () => {} }
  for (const part of parts) await part.start?.(control)
  const token = await adminToken()
  const asAdmin = { authorization: `Bearer ${token}` }

  return {
    app,
    db,
    bus,
    storage,
    endStreams,
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

    /** What anybody gets at an address of ours, such as a signed one. */
    get: (url: string, headers: Record<string, string> = {}) =>
      app.request(url.replace(PUBLIC_URL, ''), { headers }),

    async send(path: string, form: FormData) {
      return await answerOf(await app.request(path, { method: 'POST', headers: asAdmin, body: form }))
    },

    sweep: sweeper.sweep,
    storedFiles: () => filesUnder(storageDirectory),
    spooledFiles: () => filesUnder(join(directory, 'spool')),

    async [Symbol.asyncDispose]() {
      for (const part of parts.toReversed()) await part.stop?.()
      connection.disconnect()
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
