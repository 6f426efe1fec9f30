import type { LookupAddress } from 'node:dns'
import { lookup as systemLookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isAllowedName, type UrlRules } from './allowed-hosts.ts'
import { checkAddress, checkUrl, hostOf, portOf } from './check-url.ts'
import { FetchError } from './fetch-error.ts'

/** All addresses of a name. */
export type Lookup = (name: string) => Promise<readonly LookupAddress[]>

/** Where one may go, and which way. */
export interface Reach {
  rules: UrlRules
  /** Default: the system's resolver, /etc/hosts included. */
  lookup?: Lookup | undefined
  /** The operator's own HTTP proxy (http: or https:, with its credentials), through which everything goes. */
  upstream?: URL | undefined
}

const LOOKUP_TIMEOUT_MS = 10_000

/**
 * The addresses of a URL's host, each of them checked: connecting to these, and not to the name once more, leaves
 * nothing for a DNS answer that changes in between. One forbidden address among several refuses all: no honest name has
 * both. Throws `UrlForbiddenError`, `FetchError` where there is none, or the signal's reason.
 */
export async function checkedAddresses(
  url: URL,
  reach: Reach,
  signal: AbortSignal,
): Promise<readonly LookupAddress[]> {
  checkUrl(url.href, reach.rules)
  const [host, port] = [hostOf(url), portOf(url)]
  if (isIP(host) !== 0) return [{ address: host, family: isIP(host) }]
  const addresses = await addressesOf(host, reach, signal)
  if (!isAllowedName(reach.rules, host, port)) {
    for (const { address } of addresses) checkAddress(address, port, reach.rules)
  }
  return addresses
}

async function addressesOf(name: string, { lookup = lookupAll, upstream }: Reach, signal: AbortSignal) {
  let cause: unknown
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOKUP_TIMEOUT_MS)])
    const addresses = await unlessAborted(lookup(name), limit)
    if (addresses.length > 0) return addresses
  } catch (error) {
    signal.throwIfAborted()
    cause = error
  }
  // Behind a proxy many a network resolves no foreign names at all: the proxy does it then.
  if (upstream) return []
  throw new FetchError('network', `${name} could not be resolved`, { cause })
}

/** The system's resolver can't be stopped, only left alone. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()
  return Promise.race([work, aborted.promise]).finally(() => signal.removeEventListener('abort', onAbort))
}

const lookupAll: Lookup = (name) => systemLookup(name, { all: true })
