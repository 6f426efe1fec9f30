import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { onConnection } from './connection.ts'
import { testServers } from './context.ts'
import { shapeOf } from './database-shape.ts'
import { emptyTables } from './empty-tables.ts'
import { startPgliteIn, type TestPglite } from './pglite.ts'

const Lent = z.object({ url: z.string(), shape: z.string() })
type Lent = z.infer<typeof Lent>

/** Starting one takes seconds, on a busy machine many. */
const TAKE_TIMEOUT_MS = 120_000

/**
 * Lends PGlites to test files, one after the other: each takes some four seconds of a core to start and to compile, and
 * dozens of files want one. Lives in the process of the global setup, for it outlives them all.
 */
export async function startPglitePool(tempDir: string) {
  const all = new Map<string, TestPglite>()
  const free: Lent[] = []

  const server = createServer(async (request, response) => {
    try {
      if (request.method === 'GET') response.end(JSON.stringify(free.pop() ?? (await start())))
      else {
        const lent = Lent.parse(JSON.parse(await text(request)))
        if (request.method === 'PUT') free.push(lent)
        else await stop(lent.url)
        response.end()
      }
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Nothing waits for this: Vitest ends when its tests have.
  server.unref()

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async stop(): Promise<void> {
      server.close()
      await Promise.all([...all.keys()].map(stop))
    },
  }

  async function start(): Promise<Lent> {
    const pglite = await startPgliteIn(tempDir)
    all.set(pglite.url, pglite)
    return { url: pglite.url, shape: await onConnection(pglite.url, shapeOf) }
  }

  async function stop(url: string): Promise<void> {
    const pglite = all.get(url)
    all.delete(url)
    await pglite?.[Symbol.asyncDispose]()
  }
}

/** A migrated PGlite without rows that is nobody else's until the end of the scope. */
export async function borrowPglite(
  poolUrl = testServers().pglitePoolUrl,
): Promise<{ url: string } & AsyncDisposable> {
  const lent = Lent.parse(await (await ask(poolUrl, 'GET')).json())
  return {
    url: lent.url,
    [Symbol.asyncDispose]: async () => {
      await ask(poolUrl, (await isAsItWas(lent)) ? 'PUT' : 'DELETE', lent)
    },
  }
}

/** Once it is emptied: whether a test changed more than rows. */
async function isAsItWas({ url, shape }: Lent): Promise<boolean> {
  try {
    return await onConnection(url, async (client) => {
      await emptyTables(client)
      return (await shapeOf(client)) === shape
    })
  } catch {
    return false
  }
}

async function ask(poolUrl: string, method: string, lent?: Lent): Promise<Response> {
  const response = await fetch(poolUrl, {
    method,
    ...(lent ? { body: JSON.stringify(lent) } : {}),
    signal: AbortSignal.timeout(TAKE_TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`the pool of PGlites: ${await response.text()}`)
  return response
}
