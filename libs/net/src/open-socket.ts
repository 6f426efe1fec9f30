import type { LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { withTimeout } from '@app/runtime'
import { hostOf, portOf } from './check-url.ts'
import { checkedAddresses, type Reach } from './checked-addresses.ts'
import { FetchError } from './fetch-error.ts'
import { tunnelThrough } from './upstream-proxy.ts'

const CONNECT_TIMEOUT_MS = 15_000

/**
 * Connects to a URL's host and port, at an address that has been checked, or by the operator's proxy. The one way out:
 * nothing in this library connects elsewhere. Throws `UrlForbiddenError`, `FetchError`, or the signal's reason.
 */
export async function openSocket(url: URL, reach: Reach, signal: AbortSignal): Promise<Socket> {
  const addresses = await checkedAddresses(url, reach, signal)
  signal.throwIfAborted()
  const open = (expired: AbortSignal) => {
    const ended = AbortSignal.any([signal, expired])
    return reach.upstream ? tunnelThrough(reach.upstream, url, ended) : connectTo(url, addresses, ended)
  }
  try {
    return await withTimeout(open, CONNECT_TIMEOUT_MS, 'connect-timeout')
  } catch (cause) {
    signal.throwIfAborted()
    throw new FetchError('network', `${url.host} could not be reached`, { cause })
  }
}

async function connectTo(url: URL, addresses: readonly LookupAddress[], ended: AbortSignal): Promise<Socket> {
  const socket = connect({
    host: hostOf(url),
    port: portOf(url),
    autoSelectFamily: true,
    // Node asks this in place of DNS, and tries the addresses one after the other.
    lookup: (_name, _options, answer) => answer(null, [...addresses]),
  })
  try {
    await once(socket, 'connect', { signal: ended })
    return socket
  } catch (error) {
    socket.destroy()
    throw error
  }
}
