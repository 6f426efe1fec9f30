import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders, RequestOptions } from 'node:http'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { http } from '@app/runtime'
import { hostOf } from './check-url.ts'
import { checkedAddresses, type Reach } from './checked-addresses.ts'
import { FetchError } from './fetch-error.ts'
import { openSocket } from './open-socket.ts'
import { addressOf, proxyAuthorization, requestOf } from './upstream-proxy.ts'

export interface OneRequest {
  method: string
  headers: OutgoingHttpHeaders
  body?: string | Uint8Array | Readable | undefined
  /** A connection that is silent for so long is given up. */
  idleMs: number
  /** Ends the request at any time, its body included. */
  signal: AbortSignal
}

/**
 * Sends one request and gives the answer's head, its body unread; follows nothing. Host and SNI are the URL's, whatever
 * the headers say. Throws `UrlForbiddenError`, `FetchError`, or the signal's reason.
 */
export async function sendRequest(url: URL, one: OneRequest, reach: Reach): Promise<IncomingMessage> {
  const { host: _, ...headers } = one.headers
  const common = { method: one.method, headers: { ...headers, host: url.host }, signal: one.signal }
  const outgoing =
    reach.upstream && url.protocol === 'http:'
      ? await askUpstream(url, common, { ...reach, upstream: reach.upstream })
      : http.request({ ...common, ...(await directly(url, reach, one.signal)) })
  outgoing.setTimeout(one.idleMs, () => {
    outgoing.destroy(new FetchError('timeout', `${url.host} was silent for ${one.idleMs} ms`))
  })
  sendBody(outgoing, one.body)
  try {
    const response = await responseOf(outgoing)
    // The operator's proxy says this, and not the site: no more is heard of that by who asked.
    if (reach.upstream && response.statusCode === 407) throw new Error('the proxy wants other credentials')
    return response
  } catch (cause) {
    outgoing.destroy()
    one.signal.throwIfAborted()
    throw cause instanceof FetchError
      ? cause
      : new FetchError('network', `${url.host} gave no answer`, { cause })
  }
}

function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('response', resolve)
    // After the head, errors are those of the answer's body.
    outgoing.on('error', reject)
    outgoing.on('close', () => reject(new Error('closed without an answer')))
  })
}

async function directly(url: URL, reach: Reach, signal: AbortSignal): Promise<RequestOptions> {
  const socket = await openSocket(url, reach, signal)
  const path = url.pathname + url.search
  if (url.protocol === 'http:') return { path, createConnection: () => socket }
  const host = hostOf(url)
  const named = isIP(host) === 0 ? { servername: host } : { host }
  return { path, createConnection: () => connectTls({ socket, ...named, ALPNProtocols: ['http/1.1'] }) }
}

/** Proxies are asked for plain HTTP by the whole address; most open tunnels to the port of HTTPS only. */
async function askUpstream(
  url: URL,
  common: RequestOptions & { signal: AbortSignal },
  reach: Reach & { upstream: URL },
) {
  await checkedAddresses(url, reach, common.signal)
  return requestOf(reach.upstream)({
    ...common,
    ...addressOf(reach.upstream),
    path: url.origin + url.pathname + url.search,
    headers: { ...(common.headers as OutgoingHttpHeaders), ...proxyAuthorization(reach.upstream) },
    agent: false,
  })
}

function sendBody(outgoing: ClientRequest, body: OneRequest['body']): void {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) outgoing.end(body)
  else body.on('error', (error) => outgoing.destroy(error)).pipe(outgoing)
}
