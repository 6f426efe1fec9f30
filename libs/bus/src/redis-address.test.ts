import { expect, it } from 'vitest'
import { parseRedisUrl } from './redis-address.ts'

const single = (host: string, port: number, more = {}) => ({
  kind: 'single',
  tls: false,
  db: 0,
  node: { host, port },
  ...more,
})

it.each([
  ['redis://localhost', single('localhost', 6379)],
  ['redis://localhost:6380/', single('localhost', 6380)],
  ['redis://cache.example:6380/3', single('cache.example', 6380, { db: 3 })],
  ['redis://:secret@localhost', single('localhost', 6379, { password: 'secret' })],
  ['rediss://me:p%40ss%2F@h:1', single('h', 1, { tls: true, username: 'me', password: 'p@ss/' })],
  ['redis://:a@b:c@h', single('h', 6379, { password: 'a@b:c' })],
  ['redis://[::1]:7000', single('::1', 7000)],
  ['redis://[fe80::1]', single('fe80::1', 6379)],
])('reads %s as one server', (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address)
})

it('takes a path for the socket of a server on this machine', () => {
  expect(parseRedisUrl('/run/redis.sock')).toEqual({
    kind: 'single',
    tls: false,
    db: 0,
    node: { path: '/run/redis.sock' },
  })
})

it.each([
  ['redis+cluster://a', { tls: false, nodes: [{ host: 'a', port: 6379 }] }],
  [
    'redis+cluster://:pw@a:1,b,[::1]:3/0',
    {
      tls: false,
      password: 'pw',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 6379 },
        { host: '::1', port: 3 },
      ],
    },
  ],
  [
    'rediss+cluster://me:pw@a:1',
    { tls: true, username: 'me', password: 'pw', nodes: [{ host: 'a', port: 1 }] },
  ],
])('reads %s as a Cluster', (url, address) => {
  expect(parseRedisUrl(url)).toEqual({ kind: 'cluster', ...address })
})

it.each([
  [
    'redis+sentinel://a,b:7/mymaster',
    {
      tls: false,
      sentinels: [
        { host: 'a', port: 26_379 },
        { host: 'b', port: 7 },
      ],
      name: 'mymaster',
      db: 0,
      sentinel: {},
    },
  ],
  [
    'rediss+sentinel://me:pw@a:1/my%20master/2?sentinelUsername=s&sentinelPassword=t%26',
    {
      tls: true,
      username: 'me',
      password: 'pw',
      sentinels: [{ host: 'a', port: 1 }],
      name: 'my master',
      db: 2,
      sentinel: { username: 's', password: 't&' },
    },
  ],
])('reads %s as a primary that Sentinels know', (url, address) => {
  expect(parseRedisUrl(url)).toEqual({ kind: 'sentinel', ...address })
})

it.each([
  ['hush:6379', 'must begin with'],
  ['http://:hush@a', 'must begin with'],
  ['redis://:hush@', 'host:port'],
  ['redis://:hush@a:0', 'host:port'],
  ['redis://:hush@a:70000', 'host:port'],
  ['redis://:hush@a:x', 'host:port'],
  ['redis://:hush@::1:6379', 'host:port'],
  ['redis://:hush%@a', '%25'],
  ['redis://:hush@a,b', 'redis+cluster'],
  ['redis://:hush@a/books', 'number'],
  ['redis://:hush@a?timeout=1', 'timeout'],
  ['redis+cluster://:hush@a/1', 'database 0'],
  ['redis+cluster://:hush@a,', 'host:port'],
  ['redis+sentinel://:hush@a', 'name of the primary'],
  ['redis+sentinel://:hush@a/mymaster/x', 'number'],
])('refuses %s with a sentence, and never shows the address', (url, sentence) => {
  const parsing = () => parseRedisUrl(url)

  expect(parsing).toThrow(sentence)
  expect(parsing).not.toThrow('hush')
  expect(parsing).toThrow(expect.objectContaining({ code: 'redis-url-invalid' }))
})
