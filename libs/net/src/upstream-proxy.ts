import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { http } from '@app/runtime'
import { portOf } from './check-url.ts'

/** Of `node:http` or `node:https`: how the proxy itself is spoken to. */
export const requestOf = (upstream: URL) => (upstream.protocol === 'https:' ? https : http).request

/** Where the proxy is, for a request's options. */
export const addressOf = (upstream: URL) => ({
  host: upstream.hostname.replace(/^\[|\]$/g, ''),
  port: portOf(upstream),
})

export function proxyAuthorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/**
 * Has the operator's proxy connect to a host. It is given the name and resolves it again: many proxies have rules on
 * names, and see the internet from elsewhere. What it may reach is its operator's business then.
 */
export async function tunnelThrough(upstream: URL, url: URL, ended: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${portOf(url)}`
  const request = requestOf(upstream)({
    ...addressOf(upstream),
    method: 'CONNECT',
    path: target,
    headers: { host: target, ...proxyAuthorization(upstream) },
    agent: false,
    signal: ended,
  })
  // The socket is its taker's once it stands; an abort later on is told here too.
  request.on('error', () => {})
  request.end()
  const [response, socket, head] = (await once(request, 'connect', { signal: ended })) as [
    IncomingMessage,
    Socket,
    Buffer,
  ]
  if (response.statusCode !== 200) {
    socket.destroy()
    throw new Error(`the proxy answered ${response.statusCode}`)
  }
  if (head.length > 0) socket.unshift(head)
  return socket
}
