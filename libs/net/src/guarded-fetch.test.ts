import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { parseAllowedHosts } from './allowed-hosts.ts'
import { type GuardedRequest, guardedFetch } from './guarded-fetch.ts'
import { localSite, lookupOf } from './testing/local-site.ts'

const METADATA = '169.254.169.254'

/** Only the site's own port is let in, and its names lead there. */
const reach = (port: number, names: Record<string, readonly string[][]> = {}): GuardedRequest => ({
  rules: { allowedHosts: parseAllowedHosts(`127.0.0.1:${port}`) },
  lookup: lookupOf({ 'site.test': [['127.0.0.1']], 'other.test': [['127.0.0.1']], ...names }),
})

it('fetches from the address it has checked, asking for the name', async () => {
  await using site = await localSite((_, response) => response.setHeader('x-a', 'b').end('hello'))

  const response = await guardedFetch(`http://site.test:${site.port}/a?b#c`, reach(site.port))

  expect(await response.text()).toBe('hello')
  expect(response).toMatchObject({ status: 200, url: expect.objectContaining({ hostname: 'site.test' }) })
  expect(response.headers.get('x-a')).toBe('b')
  expect(site.seen).toEqual([`GET /a?b at site.test:${site.port}`])
})

describe('names', () => {
  it.each([
    ['to this machine', ['127.0.0.1']],
    ["to a cloud's metadata", [METADATA]],
    ['to a private network', ['10.0.0.7']],
    ['to an IPv4-mapped address', ['::ffff:10.0.0.7']],
    ['to a link-local address', ['fe80::1%eth0']],
    ['to a public and a private address', ['8.8.8.8', '10.0.0.7']],
    ['to something that is no address', ['example.com']],
  ])('that lead %s are refused', async (_, addresses) => {
    const lookup = lookupOf({ 'evil.test': [addresses] })

    await expect(
      guardedFetch('http://evil.test/', { rules: { allowedHosts: [] }, lookup }),
    ).rejects.toMatchObject({ code: 'url_forbidden', reason: 'host' })
  })

  it('that change between the check and the connection gain nothing', async () => {
    await using site = await localSite((_, response) => response.end('checked'))
    const names = { 'rebinding.test': [['127.0.0.1'], [METADATA]] }

    const response = await guardedFetch(`http://rebinding.test:${site.port}/`, reach(site.port, names))

    expect(await response.text()).toBe('checked')
  })

  it('that change between two redirects are refused', async () => {
    await using site = await localSite((_, response) => response.writeHead(302, { location: '/again' }).end())
    const names = { 'rebinding.test': [['127.0.0.1'], [METADATA]] }
    const fetching = guardedFetch(`http://rebinding.test:${site.port}/`, reach(site.port, names))

    await expect(fetching).rejects.toMatchObject({ code: 'url_forbidden', detail: `address ${METADATA}` })
    expect(site.seen).toHaveLength(1)
  })

  it('that nobody knows are a fault of the network', async () => {
    await expect(guardedFetch('http://gone.test/', reach(1))).rejects.toMatchObject({ code: 'network' })
  })

  it('without any address are a fault of the network', async () => {
    await expect(guardedFetch('http://none.test/', reach(1, { 'none.test': [[]] }))).rejects.toMatchObject({
      code: 'network',
    })
  })
})

describe('redirects', () => {
  it.each([
    ['metadata', `http://${METADATA}/latest/meta-data/`, 'host'],
    ['metadata in decimal', 'http://2852039166/', 'host'],
    ['loopback without its scheme', '//127.0.0.1/', 'host'],
    ['a file', 'file:///etc/passwd', 'scheme'],
    ['gopher', 'gopher://127.0.0.1:6379/_flushall', 'scheme'],
    ['data', 'data:text/plain,hello', 'scheme'],
    ['a name with credentials', 'http://user@site.test/', 'credentials'],
    ['another service of this machine', 'http://127.0.0.1:6379/', 'host'],
    ['nonsense', 'http://[', 'invalid'],
  ])('to %s are refused', async (_, location, reason) => {
    await using site = await localSite((_request, response) => response.writeHead(302, { location }).end())

    await expect(guardedFetch(`http://site.test:${site.port}/`, reach(site.port))).rejects.toMatchObject({
      code: 'url_forbidden',
      reason,
    })
    expect(site.seen).toHaveLength(1)
  })

  it('are followed, also to addresses that are not ASCII', async () => {
    await using site = await localSite(({ url }, response) => {
      if (url === '/') response.writeHead(301, { location: Buffer.from('/ü').toString('latin1') }).end()
      else response.end(url)
    })

    const response = await guardedFetch(`http://site.test:${site.port}/`, reach(site.port))

    expect(await response.text()).toBe('/%C3%BC')
    expect(response.url.pathname).toBe('/%C3%BC')
  })

  it('come to an end', async () => {
    await using site = await localSite((_, response) => response.writeHead(302, { location: '/' }).end())
    const fetching = guardedFetch(`http://site.test:${site.port}/`, { ...reach(site.port), redirects: 3 })

    await expect(fetching).rejects.toMatchObject({ code: 'too_many_redirects' })
    expect(site.seen).toHaveLength(4)
  })

  it('are the answer where none are to be followed', async () => {
    await using site = await localSite((_, response) => response.writeHead(302, { location: '/' }).end())

    const response = await guardedFetch(`http://site.test:${site.port}/`, {
      ...reach(site.port),
      redirects: 0,
    })

    expect(response.status).toBe(302)
    response.body.destroy()
  })

  it('tell another site nothing that was meant for the first', async () => {
    await using site = await localSite((request, response) => {
      const { authorization, cookie, accept } = request.headers
      if (request.url === '/end') return response.end(JSON.stringify({ authorization, cookie, accept }))
      return response.writeHead(307, { location: `http://other.test:${site.port}/end` }).end()
    })

    const headers = { Authorization: 'Bearer secret', Cookie: 'a=b', Accept: 'text/html' }
    const response = await guardedFetch(`http://site.test:${site.port}/`, { ...reach(site.port), headers })

    expect(await response.text()).toBe('{"accept":"text/html"}')
  })

  it.each([
    [302, 'GET /end ', ''],
    [303, 'GET /end ', ''],
    [307, 'POST /end ', 'sent'],
  ])('by %d of a POST go on as browsers do', async (status, line, sent) => {
    await using site = await localSite((request, response) => {
      if (request.url === '/end') request.pipe(response)
      else response.writeHead(status, { location: '/end' }).end()
    })

    const response = await guardedFetch(`http://site.test:${site.port}/`, {
      ...reach(site.port),
      method: 'POST',
      body: 'sent',
    })

    expect(await response.text()).toBe(sent)
    expect(site.seen.at(-1)).toContain(line)
  })
})

describe('limits', () => {
  it('refuse a body that says it is too large, before it is sent', async () => {
    await using site = await localSite((_, response) =>
      response.writeHead(200, { 'content-length': 11 }).flushHeaders(),
    )
    const fetching = guardedFetch(`http://site.test:${site.port}/`, { ...reach(site.port), maxBytes: 10 })

    await expect(fetching).rejects.toMatchObject({ code: 'too_large' })
  })

  it('cut a body that becomes too large', async () => {
    await using site = await localSite((_, response) => void response.write('12345678901'))
    const request = { ...reach(site.port), maxBytes: 10 }

    const response = await guardedFetch(`http://site.test:${site.port}/`, request)

    await expect(response.text()).rejects.toMatchObject({ code: 'too_large' })
  })

  it('cut an answer that does not come', async () => {
    await using site = await localSite(() => {})
    const fetching = guardedFetch(`http://site.test:${site.port}/`, { ...reach(site.port), timeoutMs: 30 })

    await expect(fetching).rejects.toMatchObject({ code: 'timeout' })
  })

  it('cut a body that does not end', async () => {
    await using site = await localSite((_, response) => void response.write('a'))
    const response = await guardedFetch(`http://site.test:${site.port}/`, {
      ...reach(site.port),
      timeoutMs: 300,
    })

    await expect(response.text()).rejects.toMatchObject({ code: 'timeout' })
  })

  it('cut a name server that does not answer', async () => {
    const lookup = () => new Promise<never>(() => {})
    const fetching = guardedFetch('http://slow.test/', { ...reach(1), lookup, timeoutMs: 30 })

    await expect(fetching).rejects.toMatchObject({ code: 'timeout' })
  })
})

it('ends with the reason of whoever aborts it, before the answer and in it', async () => {
  await using site = await localSite((request, response) => {
    if (request.url === '/body') response.write('a')
    else before.abort(new Error('no longer wanted'))
  })
  const [before, within] = [new AbortController(), new AbortController()]
  const waiting = guardedFetch(`http://site.test:${site.port}/`, {
    ...reach(site.port),
    signal: before.signal,
  })
  await expect(waiting).rejects.toThrow('no longer wanted')

  const request = { ...reach(site.port), signal: within.signal }
  const response = await guardedFetch(`http://site.test:${site.port}/body`, request)
  within.abort(new Error('no longer wanted either'))

  await expect(response.text()).rejects.toThrow('no longer wanted either')
})

it('calls a connection that breaks off a fault of the network', async () => {
  await using site = await localSite((request, response) => {
    if (request.url === '/body') response.write('a', () => request.socket.destroy())
    else request.socket.destroy()
  })
  const url = `http://site.test:${site.port}/`

  await expect(guardedFetch(url, reach(site.port))).rejects.toMatchObject({ code: 'network' })
  const response = await guardedFetch(`${url}body`, reach(site.port))
  await expect(response.text()).rejects.toMatchObject({ code: 'network' })
})

it('calls an answer that is not HTTP a fault of the network', async () => {
  const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  await expect(guardedFetch(`http://site.test:${port}/`, reach(port))).rejects.toMatchObject({
    code: 'network',
  })
  server.close()
})

it('keeps its own Host, whatever headers it is given', async () => {
  await using site = await localSite((_, response) => response.end())
  const headers = { Host: 'internal' }

  const response = await guardedFetch(`http://site.test:${site.port}/`, { ...reach(site.port), headers })

  expect(await response.text()).toBe('')
  expect(site.seen).toEqual([`GET / at site.test:${site.port}`])
})
