import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Duplex, PassThrough, pipeline } from 'node:stream'
import type { Reach } from './checked-addresses.ts'
import { endToEndHeaders } from './end-to-end-headers.ts'
import { openSocket } from './open-socket.ts'
import type { AdmittedClient, ProxyConnection } from './proxy-clients.ts'
import { connectTarget, plainTarget } from './proxy-targets.ts'
import { sendRequest } from './send-request.ts'

/** What a client has asked, while it is answered. */
export interface Exchange {
  request: IncomingMessage
  client: AdmittedClient
  connection: ProxyConnection
  /** Aborted when the client is gone. */
  signal: AbortSignal
}

export interface WayOut extends Reach {
  idleMs: number
}

/** Asks a site for a client. Throws what `sendRequest` throws, with nothing answered yet. */
export async function forward(response: ServerResponse, exchange: Exchange, out: WayOut): Promise<void> {
  const { request, connection, signal } = exchange
  const url = plainTarget(request.url ?? '', out.rules)
  const { 'content-length': length, 'transfer-encoding': coding } = request.headers
  const headers = endToEndHeaders(request)
  // Node frames no body of a GET by itself, and one without a frame would be read as the next request.
  if (coding !== undefined) headers['transfer-encoding'] = 'chunked'
  const hasBody = length !== undefined || coding !== undefined
  const body = hasBody ? request.pipe(new PassThrough()) : undefined
  connection.count(request)
  const one = { method: request.method ?? 'GET', headers, body, idleMs: out.idleMs, signal }
  const answer = await sendRequest(url, one, out)
  connection.count(answer)
  response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer))
  pipeline(answer, response, () => {})
}

/** Connects a client with a host, with what it has said already. Throws what `openSocket` throws. */
export async function tunnel(
  { socket, head }: { socket: Duplex; head: Buffer },
  { request, connection, signal }: Exchange,
  out: WayOut,
): Promise<void> {
  const far = await openSocket(connectTarget(request.url ?? '', out.rules), out, signal)
  // Closed cleanly, either end lets what is under way arrive; only a fault cuts both at once.
  far.on('error', () => socket.destroy())
  far.setTimeout(out.idleMs, () => far.destroy(new Error('silent')))
  socket.on('close', () => far.destroy())
  if (socket.destroyed) return void far.destroy()
  socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
  connection.count(socket)
  connection.count(far)
  if (head.length > 0) far.write(connection.counted(head))
  socket.pipe(far).pipe(socket)
}
