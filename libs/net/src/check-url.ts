import { isIP } from 'node:net'
import { isAllowedAddress, isAllowedName, isNamedPort, type UrlRules } from './allowed-hosts.ts'
import { isPublicAddress } from './public-address.ts'
import { UrlForbiddenError } from './url-forbidden-error.ts'

/** RFC 9110 asks for 8000 at least; signed addresses of media come near. */
const MAX_URL_CHARS = 8192
const MAX_NAME_CHARS = 253

/** Endings and names that lead into private networks by agreement, or to a cloud's secrets. */
const PRIVATE_NAMES =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|svc|home\.arpa)$|^metadata\.(goog|tencentyun\.com|packet\.net|platformequinix\.com)$/

/** Ports from 1024 on that the Fetch standard forbids: what listens there mistakes HTTP for its own language. */
const BAD_PORTS = new Set([
  ...[1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566],
  ...[6665, 6666, 6667, 6668, 6669, 6679, 6697, 10_080],
])

/**
 * Looks at what an address says, and resolves nothing. The URL it gives is the one to use and to hand on: other programs
 * may read the text differently (backslashes, tabs, full-width digits, 0x7f.1). Throws `UrlForbiddenError`.
 */
export function checkUrl(text: string, rules: UrlRules): URL {
  const url = parse(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new UrlForbiddenError('scheme', `scheme ${url.protocol}`)
  }
  if (url.username !== '' || url.password !== '')
    throw new UrlForbiddenError('credentials', 'has credentials')
  url.hostname = url.hostname.replace(/\.$/, '')
  const host = hostOf(url)
  const port = portOf(url)
  if (!isUsualPort(port) && !isNamedPort(rules, host, port)) {
    throw new UrlForbiddenError('port', `port ${port}`)
  }
  if (isIP(host) === 0) checkName(host, port, rules)
  else checkAddress(host, port, rules)
  return url
}

/** Throws `UrlForbiddenError` for an address, found in a URL or by a name, that is neither public nor allowed. */
export function checkAddress(address: string, port: number, rules: UrlRules): void {
  if (isPublicAddress(address) || isAllowedAddress(rules, address, port)) return
  throw new UrlForbiddenError('host', `address ${address}`)
}

/** The name or the address, IPv6 without its brackets. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

export const portOf = ({ port, protocol }: URL): number => Number(port || (protocol === 'https:' ? 443 : 80))

function parse(text: string): URL {
  const trimmed = text.trim()
  if (trimmed.length > MAX_URL_CHARS) throw new UrlForbiddenError('invalid', 'too long')
  // The URL standard reads "\" as "/" and skips tabs and line breaks; other parsers see another host there.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
  if (/[\u0000-\u001f\u007f\\]/.test(trimmed)) throw new UrlForbiddenError('invalid', 'control character')
  // "http:/host" and "http:host" are repaired by the standard too, and mean other things elsewhere.
  if (/^https?:(?!\/\/[^/])/i.test(trimmed)) throw new UrlForbiddenError('invalid', 'no // before the host')
  const url = URL.parse(trimmed)
  if (!url) throw new UrlForbiddenError('invalid', 'not a URL')
  return url
}

/** Mail, shells and databases have low ports; media servers high ones, besides those of the web. */
function isUsualPort(port: number): boolean {
  return port === 80 || port === 443 || (port >= 1024 && !BAD_PORTS.has(port))
}

function checkName(name: string, port: number, rules: UrlRules): void {
  if (name.length > MAX_NAME_CHARS || name.split('.').includes('')) {
    throw new UrlForbiddenError('invalid', 'not a host name')
  }
  if (isAllowedName(rules, name, port)) return
  // A name without a dot is a neighbour's: "redis", "metadata".
  if (!name.includes('.') || PRIVATE_NAMES.test(name)) throw new UrlForbiddenError('host', `name ${name}`)
}
