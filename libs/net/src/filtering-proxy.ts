import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { http, type Logger } from '@app/runtime'
import type { Reach } from './checked-addresses.ts'
import { createProxyClients, type ProxyClient, type ProxyClientLimits } from './proxy-clients.ts'
import { type Exchange, forward, tunnel } from './proxy-exchange.ts'
import { answerTo, type Refusal, refusalFor } from './proxy-targets.ts'

export interface FilteringProxyOptions extends Reach {
  log: Logger
  /** A connection that is silent for so long is cut. Default 60 s. */
  idleMs?: number
}

export interface FilteringProxy {
  /** Lets one child process in, by a URL with a password of its own. */
  admit(limits?: ProxyClientLimits): ProxyClient
  /** Cuts what is open. */
  close(): Promise<void>
}

const HEADERS_TIMEOUT_MS = 10_000
const MAX_SOCKETS = 512

/**
 * An HTTP proxy for child processes that fetch what users name (yt-dlp, ffmpeg): it listens on loopback only, lets in
 * who has a password of it, and goes nowhere but where `guardedFetch` goes, redirects included, as each is a new
 * request. Refusals are answered with 403 and remembered by client. Tunnels are for TLS: not to port 80.
 */
export async function startFilteringProxy(options: FilteringProxyOptions): Promise<FilteringProxy> {
  const clients = createProxyClients()
  const out = { idleMs: 60_000, ...options }
  const server = http.createServer({ headersTimeout: HEADERS_TIMEOUT_MS })
  server.maxConnections = MAX_SOCKETS
  server.on('request', (request, response) => {
    const work = (exchange: Exchange) => forward(response, exchange, out)
    void answer({ request, peer: response, work, refuse: refuseOver(response) })
  })
  server.on('connect', (request, socket, head) => {
    // A client that hangs up while it is told something is nobody's trouble.
    socket.on('error', () => {})
    const work = (exchange: Exchange) => tunnel({ socket, head }, exchange, out)
    void answer({ request, peer: socket, work, refuse: (refusal) => void socket.end(answerTo(refusal)) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    admit: (limits) => clients.admit(`127.0.0.1:${port}`, limits),
    async close() {
      const closed = once(server, 'close')
      server.close()
      clients.closeAll()
      server.closeAllConnections()
      await closed
    },
  }

  async function answer({ request, peer, work, refuse }: Asked): Promise<void> {
    const client = clients.byCredentials(request.headers['proxy-authorization'])
    if (!client) return refuse(refusalFor('stranger'))
    const ended = new AbortController()
    const connection = client.begin(() => {
      ended.abort()
      peer.destroy()
    })
    if (!connection) return refuse(refusalFor('crowded'))
    peer.on('close', () => {
      connection.end()
      ended.abort()
    })
    await work({ request, client, connection, signal: ended.signal }).catch((error: unknown) => {
      const refusal = refusalFor(error)
      if (refusal.forbidden) {
        client.refuse(refusal.forbidden)
        options.log.warn({ method: request.method, detail: refusal.forbidden.detail }, 'refused to go there')
      }
      refuse(refusal)
    })
  }
}

interface Asked {
  request: IncomingMessage
  peer: Duplex | ServerResponse
  work: (exchange: Exchange) => Promise<void>
  refuse: (refusal: Refusal) => void
}

function refuseOver(response: ServerResponse) {
  return ({ status, headers, text }: Refusal): void => {
    if (response.headersSent) return void response.destroy()
    response.writeHead(status, { ...headers, connection: 'close' }).end(text)
  }
}
