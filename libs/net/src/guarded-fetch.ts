import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { type Readable, Transform } from 'node:stream'
import { text } from 'node:stream/consumers'
import { asError } from '@app/runtime'
import { checkUrl } from './check-url.ts'
import type { Reach } from './checked-addresses.ts'
import { FetchError } from './fetch-error.ts'
import { sendRequest } from './send-request.ts'

export interface GuardedRequest extends Reach {
  signal?: AbortSignal | undefined
  /** For all of it: redirects, and reading the body. Default 30 s. */
  timeoutMs?: number | undefined
  /** Of the body. Default 10 MB. */
  maxBytes?: number | undefined
  method?: string | undefined
  headers?: Record<string, string> | undefined
  body?: string | Uint8Array | undefined
  /** How many are followed, default 5. With 0 the redirect itself is the answer. */
  redirects?: number | undefined
}

export interface GuardedResponse {
  status: number
  headers: Headers
  /** Where the answer came from, after redirects. */
  url: URL
  /** To be read to its end, or destroyed. Fails with `FetchError` or the signal's reason. */
  body: Readable
  text(): Promise<string>
}

interface Hop {
  method: string
  headers: Record<string, string>
  body: string | Uint8Array | undefined
}

const REDIRECTS = new Set([301, 302, 303, 307, 308])
/** Where another site is told to look, it learns nothing that was meant for the first. */
const FOR_ANYBODY = new Set(['accept', 'accept-language', 'range', 'user-agent'])
const IDLE_MS = 20_000

/**
 * Fetches an address that a user gave: each hop is checked, connected to at the very address that was checked, and
 * limited in time and size. No cookies, no cache, no decompression (it asks for none). Any status is an answer. Throws
 * `UrlForbiddenError`, `FetchError` or the signal's reason.
 */
export async function guardedFetch(address: string | URL, request: GuardedRequest): Promise<GuardedResponse> {
  const { timeoutMs = 30_000, maxBytes = 10_000_000, redirects = 5 } = request
  const expired = AbortSignal.timeout(timeoutMs)
  const signal = request.signal ? AbortSignal.any([request.signal, expired]) : expired
  let url = checkUrl(String(address), request.rules)
  let hop: Hop = { method: request.method ?? 'GET', headers: lowerCased(request.headers), body: request.body }
  try {
    for (let left = redirects; ; left -= 1) {
      signal.throwIfAborted()
      const idleMs = Math.min(IDLE_MS, timeoutMs)
      const headers: OutgoingHttpHeaders = { 'accept-encoding': 'identity', ...hop.headers }
      const response = await sendRequest(url, { ...hop, headers, idleMs, signal }, request)
      const target = redirects > 0 ? redirectOf(response, url) : undefined
      if (target === undefined) return answer(response, { url, maxBytes, signal, expired })
      response.destroy()
      if (left === 0) throw new FetchError('too_many_redirects', `more than ${redirects} redirects`)
      const next = checkUrl(target, request.rules)
      hop = nextHop(hop, response.statusCode, next.origin === url.origin)
      url = next
    }
  } catch (error) {
    throw translated(error, expired)
  }
}

const lowerCased = (headers: Record<string, string> = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

function redirectOf({ statusCode, headers }: IncomingMessage, base: URL): string | undefined {
  if (!REDIRECTS.has(statusCode ?? 0) || headers.location === undefined) return undefined
  // Headers come as Latin-1; addresses in them that are not ASCII are UTF-8.
  const location = Buffer.from(headers.location, 'latin1').toString('utf8')
  return URL.parse(location, base.href)?.href ?? location
}

function nextHop(hop: Hop, status: number | undefined, isSameOrigin: boolean): Hop {
  const headers = isSameOrigin
    ? hop.headers
    : Object.fromEntries(Object.entries(hop.headers).filter(([name]) => FOR_ANYBODY.has(name)))
  const becomesGet =
    status === 303 ? hop.method !== 'HEAD' : status !== 307 && status !== 308 && hop.method === 'POST'
  if (!becomesGet) return { ...hop, headers }
  const { 'content-type': _type, 'content-length': _length, ...rest } = headers
  return { method: 'GET', headers: rest, body: undefined }
}

interface AnswerLimits {
  url: URL
  maxBytes: number
  signal: AbortSignal
  expired: AbortSignal
}

function answer(response: IncomingMessage, limits: AnswerLimits): GuardedResponse {
  const { url } = limits
  const body = limitedBody(response, limits)
  const headers = new Headers()
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value)
  }
  return { status: response.statusCode ?? 0, headers, url, body, text: () => text(body) }
}

function limitedBody(response: IncomingMessage, { url, maxBytes, signal, expired }: AnswerLimits): Readable {
  const tooLarge = () => new FetchError('too_large', `${url.host} sends more than ${maxBytes} bytes`)
  if (Number(response.headers['content-length']) > maxBytes) {
    response.destroy()
    throw tooLarge()
  }
  let bytes = 0
  const body = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (bytes > maxBytes) done(tooLarge())
      else done(null, chunk)
    },
  })
  const onAbort = () => body.destroy(asError(translated(signal.reason, expired)))
  signal.addEventListener('abort', onAbort, { once: true })
  body.on('close', () => {
    signal.removeEventListener('abort', onAbort)
    response.destroy()
  })
  // Whoever looks at the status only reads no body, and hears of no error in it.
  body.on('error', () => {})
  response.on('error', (cause) => body.destroy(new FetchError('network', `${url.host} broke off`, { cause })))
  return response.pipe(body)
}

function translated(error: unknown, expired: AbortSignal): unknown {
  return error === expired.reason ? new FetchError('timeout', 'took too long', { cause: error }) : error
}
