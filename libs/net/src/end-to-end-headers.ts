import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** RFC 9110, 7.6.1, and what older programs send: meant for the next hop only. */
const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-authentication-info'],
  ...['proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'http2-settings'],
])

/** The headers a proxy passes on: each hop frames its messages itself, and keeps its credentials. */
export function endToEndHeaders({ headersDistinct }: IncomingMessage): OutgoingHttpHeaders {
  const named = (headersDistinct.connection ?? []).flatMap((value) => value.split(','))
  const dropped = new Set([...HOP_BY_HOP, ...named.map((name) => name.trim().toLowerCase())])
  const isChunked = headersDistinct['transfer-encoding'] !== undefined
  // Of two lengths the parser has taken the chunks'.
  if (isChunked) dropped.add('content-length')
  const kept = Object.entries(headersDistinct).filter(([name]) => !dropped.has(name))
  return Object.fromEntries(
    kept.map(([name, values = []]) => [name, values.length === 1 ? values[0] : values]),
  )
}
