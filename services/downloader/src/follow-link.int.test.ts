import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { urlRulesFrom } from '@app/net'
import { PLATFORMS, platformsFor } from '@app/platforms'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { followLink } from './follow-link.ts'

/** Where each path of the short host redirects to. */
const TARGETS: Record<string, string> = {
  '/post': 'https://www.instagram.com/reel/ABC123xyz/?igsh=x',
  '/again': '/post',
  '/elsewhere': 'https://youtu.be/YE7VzlLtp-4?si=x',
  '/login': 'https://www.instagram.com/accounts/login/?next=%2Freel%2FABC123xyz%2F',
  '/round': '/round',
  '/inside': 'http://169.254.169.254/latest/meta-data',
  '/profile': '/page',
  '/shortened': '/elsewhere',
  '/file': '/moved.mp4',
  '/moved.mp4': '/signed.mp4?until=soon',
}
/** What some answer in place of a redirect. */
const STATUSES: Record<string, number> = { '/busy': 429, '/down': 503 }

const server = createServer((request, response) => {
  const path = request.url ?? ''
  if (path === '/broken') return request.destroy()
  const location = TARGETS[path]
  const status = STATUSES[path] ?? (location === undefined ? 200 : 302)
  response.writeHead(status, location === undefined ? {} : { location }).end()
})
let base: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const follow = (path: string, platforms = PLATFORMS) =>
  followLink(base + path, {
    reach: { rules: urlRulesFrom({ URL_ALLOWED_HOSTS: '127.0.0.1' }) },
    platforms,
    signal: AbortSignal.timeout(60_000),
  })
const REEL = {
  platform: 'instagram',
  id: 'ABC123xyz',
  canonicalUrl: 'https://www.instagram.com/p/ABC123xyz/',
}

const VIDEO = {
  platform: 'youtube',
  id: 'YE7VzlLtp-4',
  canonicalUrl: 'https://www.youtube.com/watch?v=YE7VzlLtp-4',
}

it.each([
  ['a redirect to a post', '/post', REEL],
  ['several', '/again', REEL],
  ['one to another platform', '/elsewhere', VIDEO],
  ['a login page, by where it would lead', '/login', REEL],
  ['a circle, not for ever', '/round', undefined],
  ['nothing that leads to no post', '/profile', undefined],
])('follows %s', async (_what, path, found) => {
  expect(await follow(path)).toEqual(found)
})

it('goes on past plain web addresses to a post, where those count as well', async () => {
  const platforms = platformsFor({ allowGenericUrls: true })

  expect(await follow('/shortened', platforms)).toEqual(VIDEO)
  expect(await follow('/file', platforms)).toEqual({ platform: 'generic', canonicalUrl: `${base}/moved.mp4` })
})

it.each([
  ['asks for patience', '/busy', 'rate_limited'],
  ['is out of order', '/down', 'network'],
  ['breaks off', '/broken', 'network'],
])('leaves for another time a host that %s', async (_what, path, code) => {
  await expect(follow(path)).rejects.toMatchObject({ code })
})

it('goes nowhere that users may not lead us', async () => {
  await expect(follow('/inside')).rejects.toMatchObject({ code: 'url_forbidden' })
})
