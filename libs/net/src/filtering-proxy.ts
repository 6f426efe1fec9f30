import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Duplex, PassThrough, pipeline } from 'node:stream'
import type { Logger } from '@app/runtime'
import type { Reach } from './checked-addresses.ts'
import { endToEndHeaders } from './end-to-end-headers.ts'
import { openSocket } from './open-socket.ts'
import { createProxyClients, type ProxyClient, type ProxyClientLimits } from './proxy-clients.ts'
import { answerTo, connectTarget, plainTarget, type Refusal, refusalFor } from './proxy-targets.ts'
import { sendRequest } from './send-request.ts'

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

interface Exchange {
  client: NonNullable<ReturnType<ReturnType<typeof createProxyClients>['byCredentials']>>
  connection: NonNullable<ReturnType<Exchange['client']['begin']>>
  signal: AbortSignal
}

const IDLE_MS = 60_000
const HEADERS_TIMEOUT_MS = 10_000
const MAX_SOCKETS = 512

/**
 * An HTTP proxy for child processes that fetch what users name (yt-dlp, ffmpeg): it listens on loopback only, lets in
 * who has a password of it, and goes nowhere but where `guardedFetch` goes, redirects included, as each is a new
 * request. Refusals are answered with 403 and remembered by client. Tunnels are for TLS: not to port 80.
 */
export async function startFilteringProxy(options: FilteringProxyOptions): Promise<FilteringProxy> {
  const clients = createProxyClients()
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS })
  server.maxConnections = MAX_SOCKETS
  server.on('request', (request, response) => {
    const refuse = (refusal: Refusal) => {
      if (response.headersSent) return void response.destroy()
      response.writeHead(refusal.status, { ...refusal.headers, connection: 'close' }).end(refusal.text)
    }
    const exchange = begin(request, response, refuse)
    if (exchange) void forward(request, response, exchange).catch(refused(request, exchange, refuse))
  })
  server.on('connect', (request, socket, head) => {
    // A client that hangs up while it is told something is nobody's trouble.
    socket.on('error', () => {})
    const refuse = (refusal: Refusal) => void socket.end(answerTo(refusal))
    const exchange = begin(request, socket, refuse)
    if (exchange) void tunnel(request, { socket, head }, exchange).catch(refused(request, exchange, refuse))
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

  function begin(
    request: IncomingMessage,
    peer: Duplex | ServerResponse,
    refuse: (refusal: Refusal) => void,
  ) {
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
    return { client, connection, signal: ended.signal }
  }

  function refused(request: IncomingMessage, exchange: Exchange, refuse: (refusal: Refusal) => void) {
    return (error: unknown) => {
      const refusal = refusalFor(error)
      if (refusal.forbidden) {
        exchange.client.refuse(refusal.forbidden)
        options.log.warn({ method: request.method, detail: refusal.forbidden.detail }, 'refused to go there')
      }
      refuse(refusal)
    }
  }

  async function forward(request: IncomingMessage, response: ServerResponse, exchange: Exchange) {
    const { connection, signal } = exchange
    const url = plainTarget(request.url ?? '', options.rules)
    const { 'content-length': length, 'transfer-encoding': coding } = request.headers
    const headers = endToEndHeaders(request)
    // Node frames no body of a GET by itself, and one without a frame would be read as the next request.
    if (coding !== undefined) headers['transfer-encoding'] = 'chunked'
    const body = length === undefined && coding === undefined ? undefined : request.pipe(new PassThrough())
    connection.count(request)
    const idleMs = options.idleMs ?? IDLE_MS
    const one = { method: request.method ?? 'GET', headers, body, idleMs, signal }
    const answer = await sendRequest(url, one, options)
    connection.count(answer)
    response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer))
    pipeline(answer, response, () => {})
  }

  async function tunnel(
    request: IncomingMessage,
    { socket, head }: { socket: Duplex; head: Buffer },
    { connection, signal }: Exchange,
  ) {
    const url = connectTarget(request.url ?? '', options.rules)
    const far = await openSocket(url, options, signal)
    // Closed cleanly, either end lets what is under way arrive; only a fault cuts both at once.
    far.on('error', () => socket.destroy())
    far.setTimeout(options.idleMs ?? IDLE_MS, () => far.destroy(new Error('silent')))
    socket.on('close', () => far.destroy())
    if (socket.destroyed) return void far.destroy()
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    connection.count(socket)
    connection.count(far)
    if (head.length > 0) far.write(connection.counted(head))
    socket.pipe(far).pipe(socket)
  }
}
