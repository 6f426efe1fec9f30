import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger, Part } from '@app/runtime'
import { createAdaptorServer } from '@hono/node-server'
import type { ApiApp } from './http/env.ts'

/** Time for answers under way to end; an upload that takes longer is broken off and cleans up after itself. */
const GRACE_MS = 8_000

interface HttpServerOptions {
  app: ApiApp
  port: number
  host?: string | undefined
  log: Logger
  /** Ends what would never end by itself, such as event streams. */
  endStreams: () => void
}

export interface HttpServer extends Part {
  /** The port in use, once started; differs from the one asked for when that was 0. */
  port(): number
}

/** Serves the app until stopped: then takes no more, lets answers end, and closes what is left. */
export function httpServer({ app, port, host, log, endStreams }: HttpServerOptions): HttpServer {
  const server = createAdaptorServer({
    fetch: app.fetch,
    // A recording of gigabytes over a slow line takes hours; one that stalls is given up by its receiver.
    serverOptions: { requestTimeout: 0, headersTimeout: 30_000, keepAliveTimeout: 65_000 },
  }) as Server
  const inUse = () => (server.address() as AddressInfo).port
  return {
    name: 'http',
    stopTimeoutMs: GRACE_MS + 5_000,
    port: inUse,
    async start({ fail }) {
      server.listen({ port, host })
      await once(server, 'listening')
      server.on('error', fail)
      log.info({ port: inUse() }, 'listening')
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      endStreams()
      // A connection that is kept alive after its last answer would hold the door open.
      const idle = setInterval(() => server.closeIdleConnections(), 100)
      const grace = setTimeout(() => server.closeAllConnections(), GRACE_MS)
      await closed
      clearInterval(idle)
      clearTimeout(grace)
    },
  }
}
