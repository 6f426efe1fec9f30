import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { createLogger } from '@app/runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAllowedHosts } from './allowed-hosts.ts'
import type { Reach } from './checked-addresses.ts'
import { startFilteringProxy } from './filtering-proxy.ts'
import { type GuardedRequest, guardedFetch } from './guarded-fetch.ts'
import { localSite, lookupOf } from './testing/local-site.ts'

const fixture = (name: string) => readFileSync(`${import.meta.dirname}/../fixtures/${name}`, 'utf8')
const cert = fixture('site.test.cert.pem')
const log = createLogger('test', 'silent')
const METADATA = '169.254.169.254'

const trusted = getCACertificates('default')
beforeAll(() => setDefaultCACertificates([...trusted, cert]))
afterAll(() => setDefaultCACertificates(trusted))

const reach = (port: number, more: Partial<GuardedRequest> = {}): GuardedRequest => ({
  rules: { allowedHosts: parseAllowedHosts(`127.0.0.1:${port}`) },
  lookup: lookupOf({ 'site.test': [['127.0.0.1']], 'evil.test': [[METADATA]] }),
  ...more,
})

describe('by TLS', () => {
  it("shows the name to a site that is connected to by its address, and checks the site's certificate", async () => {
    await using site = await tlsSite()

    const response = await guardedFetch(`https://site.test:${site.port}/`, reach(site.port))

    expect(await response.text()).toBe(`hello by site.test, asked for site.test:${site.port}`)
  })

  it('takes no certificate of another name', async () => {
    await using site = await tlsSite()
    const lookup = lookupOf({ 'other.test': [['127.0.0.1']] })
    const fetching = guardedFetch(`https://other.test:${site.port}/`, reach(site.port, { lookup }))

    await expect(fetching).rejects.toMatchObject({
      code: 'network',
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    })
  })

  it('checks a certificate for an address', async () => {
    await using site = await tlsSite()

    const response = await guardedFetch(`https://127.0.0.1:${site.port}/`, reach(site.port))

    expect(await response.text()).toContain('hello by false')
  })
})

describe("through the operator's proxy", () => {
  it('goes with all that is plain', async () => {
    await using site = await localSite((request, response) => response.end(JSON.stringify(request.headers)))
    await using upstream = await operatorsProxy(site.port)

    const url = `http://site.test:${site.port}/a`
    const response = await guardedFetch(url, reach(site.port, { upstream: upstream.url() }))

    expect(await response.text()).not.toContain('authorization')
    expect(site.seen).toEqual([`GET /a at site.test:${site.port}`])
    expect(upstream.bytes()).toBeGreaterThan(0)
  })

  it('goes with TLS', async () => {
    await using site = await tlsSite()
    await using upstream = await operatorsProxy(site.port)

    const url = `https://site.test:${site.port}/`
    const response = await guardedFetch(url, reach(site.port, { upstream: upstream.url() }))

    expect(await response.text()).toContain('hello by site.test')
    expect(upstream.bytes()).toBeGreaterThan(0)
  })

  it('goes with what child processes ask the filtering proxy for', async () => {
    await using site = await localSite((_, response) => response.end('hello'))
    await using upstream = await operatorsProxy(site.port)
    await using filter = await proxyFor(reach(site.port, { upstream: upstream.url() }))
    const inner = reach(site.port, { upstream: filter.url() })

    const response = await guardedFetch(`http://site.test:${site.port}/`, inner)

    expect(await response.text()).toBe('hello')
    expect(upstream.bytes()).toBeGreaterThan(0)
  })

  it.each([
    'http://evil.test/',
    'https://evil.test/',
    `http://${METADATA}/`,
    'http://metadata.google.internal/',
  ])('does not ask for %s, which is forbidden as it is without', async (url) => {
    await using upstream = await operatorsProxy(1)
    const fetching = guardedFetch(url, reach(1, { upstream: upstream.url() }))

    await expect(fetching).rejects.toMatchObject({ code: 'url_forbidden' })
    expect(upstream.bytes()).toBe(0)
  })

  it('leaves names to it that are unknown here', async () => {
    await using site = await localSite((_, response) => response.end('hello'))
    await using upstream = await operatorsProxy(site.port)
    const more = { upstream: upstream.url(), lookup: lookupOf({}) }

    const response = await guardedFetch(`http://site.test:${site.port}/`, reach(site.port, more))

    expect(await response.text()).toBe('hello')
  })

  it.each(['http', 'https'])('calls it a fault of the network when it refuses %s', async (scheme) => {
    await using upstream = await operatorsProxy(1)
    const stranger = Object.assign(upstream.url(), { password: 'wrong' })
    const fetching = guardedFetch(`${scheme}://site.test:2000/`, reach(2000, { upstream: stranger }))

    await expect(fetching).rejects.toMatchObject({ code: 'network' })
  })
})

async function tlsSite() {
  const server = createServer({ cert, key: fixture('site.test.key.pem') }, (request, response) => {
    const { servername } = request.socket as TLSSocket & { servername: string | false }
    response.end(`hello by ${servername}, asked for ${request.headers.host}`)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const dispose = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: dispose }
}

/** What an operator may have: a proxy with a password, that sees more of the world than we do. */
const operatorsProxy = (port: number) => proxyFor(reach(port))

async function proxyFor(way: Reach) {
  const proxy = await startFilteringProxy({ log, ...way })
  const client = proxy.admit()
  return { url: () => new URL(client.url), bytes: client.bytes, [Symbol.asyncDispose]: proxy.close }
}
