import type { UrlRules } from './allowed-hosts.ts'
import { checkUrl, portOf } from './check-url.ts'
import { FetchError } from './fetch-error.ts'
import { UrlForbiddenError } from './url-forbidden-error.ts'

/** What a proxy's client is told in place of an answer. */
export interface Refusal {
  status: number
  text: string
  headers: Record<string, string>
  /** Set where it asked for what nobody may have. */
  forbidden?: UrlForbiddenError
}

class BadRequest extends Error {}

/** Where a request leads that is not for a tunnel: it names the whole address, whatever its Host header says. */
export function plainTarget(target: string, rules: UrlRules): URL {
  if (/^(?:https:|[^a-z])/i.test(target))
    throw new BadRequest('This is a proxy: ask it for http:// addresses.')
  return checkUrl(target, rules)
}

/** Where a tunnel leads. What is spoken in it can't be seen, so that it may not lead to plain HTTP's port. */
export function connectTarget(target: string, rules: UrlRules): URL {
  if (!/^(\[[\da-f:.]+\]|[^\s:/?#@[\]]+):\d{1,5}$/i.test(target)) {
    throw new BadRequest('A tunnel needs host:port.')
  }
  const url = checkUrl(`https://${target}`, rules)
  if (portOf(url) === 80) throw new UrlForbiddenError('port', 'tunnel to port 80')
  return url
}

export function refusalFor(why: unknown): Refusal {
  if (why === 'stranger') {
    const headers = { 'proxy-authenticate': 'Basic realm="filtering proxy"' }
    return { status: 407, text: 'This proxy is not for everybody.', headers }
  }
  if (why === 'crowded') return { status: 503, text: 'Too many connections, or too many bytes.', headers: {} }
  if (why instanceof BadRequest) return { status: 400, text: why.message, headers: {} }
  if (why instanceof UrlForbiddenError) {
    return { status: 403, text: why.message, headers: {}, forbidden: why }
  }
  const status = why instanceof FetchError && why.code === 'timeout' ? 504 : 502
  return { status, text: why instanceof FetchError ? why.message : 'No answer.', headers: {} }
}

/** As it goes over a socket that no server object answers on any more. */
export function answerTo({ status, text, headers }: Refusal): string {
  const all = { ...headers, connection: 'close', 'content-length': `${Buffer.byteLength(text)}` }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${text}`
}
