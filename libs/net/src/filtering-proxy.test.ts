import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect as connectTcp, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { createLogger } from '@app/runtime'
import { afterEach, describe, expect, it } from 'vitest'
import { parseAllowedHosts } from './allowed-hosts.ts'
import { type FilteringProxy, type FilteringProxyOptions, startFilteringProxy } from './filtering-proxy.ts'
import type { ProxyClientLimits } from './proxy-clients.ts'
import { localSite, lookupOf } from './testing/local-site.ts'

const log = createLogger('test', 'silent')
const METADATA = '169.254.169.254'
const CONNECTED = 'HTTP/1.1 200 Connection established\r\n\r\n'

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
  await using echo = await echoServer()
  const client = await admitted(echo.port)

  const { socket, answer } = say(client.url, [`CONNECT site.test:${echo.port} HTTP/1.1`, 'Host: a'], 'sooner')
  await once(socket, 'readable')
  socket.end(' and later')

  expect(await answer).toBe(`${CONNECTED}sooner and later`)
  expect(client.bytes()).toBe(32)
})

it('passes a body on in a frame of its own, also where a method has none as a rule', async () => {
  await using site = await localSite((request, response) => request.pipe(response))
  const client = await admitted(site.port)
  const chunks = '2b\r\nGET /admin HTTP/1.1\r\nHost: internal\r\n\r\nxxxx\r\n0\r\n\r\n'

  const lines = [`GET http://site.test:${site.port}/ HTTP/1.1`, 'Host: a', 'Transfer-Encoding: chunked']
  const answer = await ask(client.url, [...lines, 'Connection: close'], chunks)

  expect(answer).toContain('GET /admin')
  expect(site.seen).toEqual([`GET / at site.test:${site.port}`])
})

it('asks the host of the address, whatever the Host header says', async () => {
  await using site = await localSite((_, response) => response.end())
  const client = await admitted(site.port)

  await ask(client.url, [
    `GET http://site.test:${site.port}/ HTTP/1.1`,
    `Host: ${METADATA}`,
    'Connection: close',
  ])

  expect(site.seen).toEqual([`GET / at site.test:${site.port}`])
})

it('leaves redirects to its client, and refuses the next request', async () => {
  const location = `http://${METADATA}/latest/meta-data/`
  await using site = await localSite((_, response) => response.writeHead(302, { location }).end())
  const client = await admitted(site.port)

  const first = await get(client.url, `http://site.test:${site.port}/`)
  const second = await get(client.url, location)

  expect(first).toMatch(/^HTTP\/1.1 302 /)
  expect(second).toMatch(/^HTTP\/1.1 403 /)
  expect(client.refusals()).toMatchObject([{ code: 'url_forbidden', detail: `address ${METADATA}` }])
})

describe('refuses, and remembers for whom', () => {
  it.each([
    [`GET http://${METADATA}/ HTTP/1.1`, 'host'],
    ['GET http://127.0.0.1:9000/ HTTP/1.1', 'host'],
    ['GET http://2130706433:9000/ HTTP/1.1', 'host'],
    ['GET http://[::ffff:7f00:1]/ HTTP/1.1', 'host'],
    ['GET http://localhost./ HTTP/1.1', 'host'],
    ['GET http://evil.test/ HTTP/1.1', 'host'],
    ['GET http://both.test/ HTTP/1.1', 'host'],
    ['GET http://site.test@evil.test/ HTTP/1.1', 'credentials'],
    ['GET http://site.test:25/ HTTP/1.1', 'port'],
    ['GET ftp://site.test/ HTTP/1.1', 'scheme'],
    ['GET file:///etc/passwd HTTP/1.1', 'scheme'],
    [`CONNECT ${METADATA}:443 HTTP/1.1`, 'host'],
    ['CONNECT 0x7f.1:8443 HTTP/1.1', 'host'],
    ['CONNECT [::1]:443 HTTP/1.1', 'host'],
    ['CONNECT evil.test:443 HTTP/1.1', 'host'],
    ['CONNECT site.test:25 HTTP/1.1', 'port'],
    ['CONNECT site.test:80 HTTP/1.1', 'port'],
  ])('%s', async (line, reason) => {
    const client = await admitted(1)
    const other = proxy?.admit()

    const answer = await ask(client.url, [line, 'Host: a'])

    expect(answer).toMatch(/^HTTP\/1.1 403 /)
    expect(client.refusals()).toMatchObject([{ code: 'url_forbidden', reason }])
    expect(other?.refusals()).toEqual([])
  })
})

describe('does not understand', () => {
  it.each([
    ['a path alone', ['GET / HTTP/1.1', 'Host: site.test']],
    ['TLS on its side of the tunnel', ['GET https://site.test/ HTTP/1.1', 'Host: a']],
    ['a backslash before the host', ['GET http://site.test\\@evil.test/ HTTP/1.1', 'Host: a']],
    ['a tunnel to nowhere', ['CONNECT site.test HTTP/1.1', 'Host: a']],
    ['a tunnel with credentials', ['CONNECT a@evil.test:443 HTTP/1.1', 'Host: a']],
    ['a tunnel to an address with a path', ['CONNECT evil.test/a:443 HTTP/1.1', 'Host: a']],
    [
      'two lengths',
      ['POST http://site.test/ HTTP/1.1', 'Host: a', 'Content-Length: 3', 'Transfer-Encoding: chunked'],
    ],
    ['two different lengths', ['POST http://site.test/ HTTP/1.1', 'Content-Length: 3', 'Content-Length: 4']],
    ['folded headers', ['POST http://site.test/ HTTP/1.1', 'Host: a', 'Transfer-Encoding:', ' chunked']],
  ])('%s', async (_, lines) => {
    const client = await admitted(1)

    expect(await ask(client.url, lines)).toMatch(/^HTTP\/1.1 400 /)
  })
})

describe('lets in', () => {
  it.each([
    ['nobody without credentials', (url: URL) => Object.assign(url, { username: '', password: '' })],
    ['nobody with a wrong password', (url: URL) => Object.assign(url, { password: 'guess' })],
    ['nobody with an unknown name', (url: URL) => Object.assign(url, { username: 'guess' })],
  ])('%s', async (_, spoil) => {
    const client = await admitted(1)
    const { href } = spoil(new URL(client.url))

    expect(await get(href, 'http://site.test/')).toMatch(/^HTTP\/1.1 407 .*proxy-authenticate: Basic/is)
    expect(await ask(href, ['CONNECT site.test:443 HTTP/1.1', 'Host: a'])).toMatch(/^HTTP\/1.1 407 /)
    expect(client.refusals()).toEqual([])
  })

  it('nobody any more once a client is closed, and cuts what is open', async () => {
    await using echo = await echoServer()
    const client = await admitted(echo.port)
    const { socket, answer } = say(client.url, [`CONNECT site.test:${echo.port} HTTP/1.1`, 'Host: a'])
    await once(socket, 'readable')

    client.close()

    await answer.catch(() => {})
    expect(socket.destroyed).toBe(true)
    expect(await get(client.url, 'http://site.test/')).toMatch(/^HTTP\/1.1 407 /)
  })

  it('nobody from other machines', async () => {
    const client = await admitted(1)
    // Every address of 127/8 is this machine, and a server that listens everywhere would answer at each.
    const socket = connectTcp(Number(new URL(client.url).port), '127.0.0.2')

    await expect(once(socket, 'connect')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })
})

describe('limits', () => {
  it('how many connections a client has', async () => {
    await using echo = await echoServer()
    const client = await admitted(echo.port, {}, { maxConnections: 1 })
    const line = `CONNECT site.test:${echo.port} HTTP/1.1`
    const { socket, answer } = say(client.url, [line, 'Host: a'])
    await once(socket, 'readable')

    const second = await ask(client.url, [line, 'Host: a'])
    socket.end()
    await answer

    expect(second).toMatch(/^HTTP\/1.1 503 /)
  })

  it('how much comes to a client, over all its connections', async () => {
    await using site = await localSite((_, response) => response.end('x'.repeat(600)))
    const client = await admitted(site.port, {}, { maxBytes: 1000 })
    const url = `http://site.test:${site.port}/`

    const first = await get(client.url, url)
    const wasOver = client.isOverLimit()
    const second = await get(client.url, url).catch(() => '')
    const third = await get(client.url, url)

    expect([first.includes('xxx'), wasOver, client.isOverLimit()]).toEqual([true, false, true])
    expect(second).not.toContain('x'.repeat(600))
    expect(third).toMatch(/^HTTP\/1.1 503 /)
  })

  it('how long a connection is silent', async () => {
    await using site = await localSite(() => {})
    await using echo = await echoServer()
    const allowed = [`127.0.0.1:${site.port}`, `127.0.0.1:${echo.port}`].join()
    const client = await admitted(site.port, {
      idleMs: 30,
      rules: { allowedHosts: parseAllowedHosts(allowed) },
    })

    const answer = await get(client.url, `http://site.test:${site.port}/`)
    const tunnelled = await ask(client.url, [`CONNECT site.test:${echo.port} HTTP/1.1`, 'Host: a'])

    expect(answer).toMatch(/^HTTP\/1.1 504 /)
    expect(tunnelled).toBe(CONNECTED)
  })
})

it('says when a host can not be reached', async () => {
  const closed = await echoServer()
  await closed[Symbol.asyncDispose]()
  const client = await admitted(closed.port)

  expect(await get(client.url, `http://site.test:${closed.port}/`)).toMatch(/^HTTP\/1.1 502 /)
  expect(await get(client.url, 'http://gone.test/')).toMatch(/^HTTP\/1.1 502 /)
  expect(await ask(client.url, ['CONNECT gone.test:443 HTTP/1.1', 'Host: a'])).toMatch(/^HTTP\/1.1 502 /)
  expect(client.refusals()).toEqual([])
})

it('gives up on a site when its client hangs up', async () => {
  const asked = Promise.withResolvers<IncomingMessage>()
  await using site = await localSite(asked.resolve)
  const client = await admitted(site.port)
  const { socket, answer } = say(client.url, [`GET http://site.test:${site.port}/ HTTP/1.1`, 'Host: a'])
  const request = await asked.promise

  socket.destroy()

  await answer.catch(() => {})
  await once(request.socket, 'close')
})

async function admitted(
  port: number,
  options: Partial<FilteringProxyOptions> = {},
  limits: ProxyClientLimits = {},
) {
  const rules = { allowedHosts: parseAllowedHosts(`127.0.0.1:${port}`) }
  const lookup = lookupOf({
    'site.test': [['127.0.0.1']],
    'evil.test': [[METADATA]],
    'both.test': [['8.8.8.8', '10.0.0.1']],
  })
  proxy = await startFilteringProxy({ log, rules, lookup, ...options })
  return proxy.admit(limits)
}

async function echoServer() {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {}).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dispose = async () => {
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose }
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

const get = (proxyUrl: string, url: string) =>
  ask(proxyUrl, [`GET ${url} HTTP/1.1`, 'Host: a', 'Connection: close'])

const bodyOf = (answer: string) =>
  answer.slice(answer.indexOf('\r\n\r\n') + 4).replace(/^[\da-f]+\r\n(.*)\r\n0\r\n\r\n$/s, '$1')
