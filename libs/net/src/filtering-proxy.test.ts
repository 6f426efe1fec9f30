import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect as connectTcp, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { createLogger } from '@app/runtime'
import { afterEach, expect, it } from 'vitest'
import { parseAllowedHosts } from './allowed-hosts.ts'
import { type FilteringProxy, type FilteringProxyOptions, startFilteringProxy } from './filtering-proxy.ts'
import { localSite, lookupOf } from './testing/local-site.ts'

const log = createLogger('test', 'silent')
const METADATA = '169.254.169.254'

let proxy: FilteringProxy | undefined
afterEach(() => proxy?.close())

it('passes a request on as it came, but for what is between client and proxy', async () => {
  await using site = await localSite((request, response) => {
    response.setHeader('keep-alive', 'timeout=1').setHeader('x-answer', 'a')
    response.end(JSON.stringify(request.headers))
  })
  const client = await admitted(site.port)

  const answer = await ask(client.url, [
    `GET http://site.test:${site.port}/a?b HTTP/1.1`,
    `Host: site.test:${site.port}`,
    'Range: bytes=0-',
    'Connection: close, X-Mine',
    'X-Mine: secret',
    'Proxy-Connection: keep-alive',
    'TE: trailers',
  ])

  expect(answer).toMatch(/^HTTP\/1.1 200 OK/)
  expect(answer).toContain('x-answer: a')
  expect(JSON.parse(bodyOf(answer))).toEqual({
    host: `site.test:${site.port}`,
    range: 'bytes=0-',
    connection: 'close',
  })
  expect(client.refusals()).toEqual([])
})

it('tunnels', async () => {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
  await once(echo, 'listening')
  const { port } = echo.address() as AddressInfo
  const client = await admitted(port)

  const { socket, answer } = say(client.url, [`CONNECT site.test:${port} HTTP/1.1`])
  await once(socket, 'readable')
  socket.end('both ways')

  expect(await answer).toBe('HTTP/1.1 200 Connection established\r\n\r\nboth ways')
  expect(client.bytes()).toBe(18)
  echo.close()
})

async function admitted(port: number, options: Partial<FilteringProxyOptions> = {}) {
  const rules = { allowedHosts: parseAllowedHosts(`127.0.0.1:${port}`) }
  const lookup = lookupOf({ 'site.test': [['127.0.0.1']], 'evil.test': [[METADATA]] })
  proxy = await startFilteringProxy({ log, rules, lookup, ...options })
  return proxy.admit()
}

/** Says so much over one connection, in these very bytes; the answer is all that comes until it is closed. */
function say(url: string, lines: readonly string[], rest = '') {
  const { port, username, password } = new URL(url)
  const socket = connectTcp(Number(port), '127.0.0.1')
  const credentials = username === '' ? [] : [`Proxy-Authorization: Basic ${btoa(`${username}:${password}`)}`]
  socket.write([...lines, ...credentials, '', rest].join('\r\n'))
  return { socket, answer: text(socket) }
}

const ask = (url: string, lines: readonly string[], rest?: string) => say(url, lines, rest).answer

const bodyOf = (answer: string) =>
  answer.slice(answer.indexOf('\r\n\r\n') + 4).replace(/^[\da-f]+\r\n(.*)\r\n0\r\n\r\n$/s, '$1')
