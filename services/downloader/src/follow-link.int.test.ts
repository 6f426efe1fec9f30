import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { urlRulesFrom } from '@app/net'
import { PLATFORMS } from '@app/platforms'
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
}

const server = createServer((request, response) => {
  const location = TARGETS[request.url ?? '']
  response.writeHead(location === undefined ? 200 : 302, location === undefined ? {} : { location }).end()
})
let base: string
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))

const follow = (path: string) =>
  followLink(base + path, {
    reach: { rules: urlRulesFrom({ URL_ALLOWED_HOSTS: '127.0.0.1' }) },
    platforms: PLATFORMS,
    signal: AbortSignal.timeout(60_000),
  })
const REEL = {
  platform: 'instagram',
  id: 'ABC123xyz',
  canonicalUrl: 'https://www.instagram.com/p/ABC123xyz/',
}

it.each([
  ['a redirect to a post', '/post', REEL],
  ['several', '/again', REEL],
  [
    'one to another platform',
    '/elsewhere',
    { platform: 'youtube', id: 'YE7VzlLtp-4', canonicalUrl: 'https://www.youtube.com/watch?v=YE7VzlLtp-4' },
  ],
  ['a login page, by where it would lead', '/login', REEL],
  ['a circle, not for ever', '/round', undefined],
  ['nothing that leads to no post', '/profile', undefined],
])('follows %s', async (_what, path, found) => {
  expect(await follow(path)).toEqual(found)
})

it('goes nowhere that users may not lead us', async () => {
  await expect(follow('/inside')).rejects.toMatchObject({ code: 'url_forbidden' })
})
