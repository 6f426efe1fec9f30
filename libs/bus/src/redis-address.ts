import { FatalError } from '@app/runtime'

export interface Endpoint {
  host: string
  port: number
}

interface Access {
  tls: boolean
  username?: string
  password?: string
}

/** Where Redis is: one server, a Cluster by some of its nodes, or a primary that Sentinels know. */
export type RedisAddress =
  | (Access & { kind: 'single'; node: Endpoint | { path: string }; db: number })
  | (Access & { kind: 'cluster'; nodes: Endpoint[] })
  | (Access & { kind: 'sentinel'; sentinels: Endpoint[]; name: string; db: number; sentinel: Credentials })

interface Credentials {
  username?: string
  password?: string
}

interface Parts {
  hosts: Endpoint[]
  path: string[]
  query: URLSearchParams
}

const SCHEMES = /^redis(s?)(?:\+(cluster|sentinel))?:\/\//
const DEFAULT_PORT = { single: 6379, cluster: 6379, sentinel: 26_379 }

/**
 * Reads `redis://`, `redis+cluster://host:port,host:port` and `redis+sentinel://host:port,host:port/primary-name`, each
 * with `rediss` for TLS and `user:password@` for Redis itself. Throws FatalError `redis-url-invalid`, without the
 * address: it may hold a password.
 */
export function parseRedisUrl(url: string): RedisAddress {
  if (url.startsWith('/')) return { kind: 'single', tls: false, node: { path: url }, db: 0 }
  const scheme = SCHEMES.exec(url)
  if (!scheme) {
    throw invalid('it must begin with redis://, redis+cluster:// or redis+sentinel:// (rediss… for TLS)')
  }
  const kind = (scheme[2] ?? 'single') as RedisAddress['kind']
  const [authority = '', path = '', search = ''] = split(url.slice(scheme[0].length))
  const at = authority.lastIndexOf('@')
  const access = { tls: scheme[1] === 's', ...credentialsOf(authority.slice(0, Math.max(at, 0))) }
  const parts: Parts = {
    hosts: authority
      .slice(at + 1)
      .split(',')
      .map((host) => endpointOf(host, DEFAULT_PORT[kind])),
    path: path.split('/').filter(Boolean).map(decode),
    query: new URLSearchParams(search),
  }
  return addressOf(kind, access, parts)
}

function addressOf(kind: RedisAddress['kind'], access: Access, { hosts, path, query }: Parts): RedisAddress {
  const sentinel = kind === 'sentinel' ? sentinelCredentials(query) : {}
  const unknown = [...query.keys()][0]
  if (unknown !== undefined) throw invalid(`it has a parameter that means nothing here: ${unknown}`)
  if (kind === 'cluster') {
    if (path.length > 0 && path[0] !== '0') throw invalid('a Cluster has database 0 only')
    return { kind, ...access, nodes: hosts }
  }
  if (kind === 'sentinel') {
    const [name, db] = path
    if (!name) throw invalid('after the Sentinels comes the name of the primary: …/mymaster')
    return { kind, ...access, sentinels: hosts, name, db: databaseOf(db), sentinel }
  }
  const [node, another] = hosts
  if (!node || another) throw invalid('several servers are redis+cluster:// or redis+sentinel://')
  return { kind, ...access, node, db: databaseOf(path[0]) }
}

/** Authority, path and query. A URL parser of the platform knows but one host. */
function split(rest: string): string[] {
  const [, authority, path, search] = /^([^/?]*)([^?]*)\??(.*)$/.exec(rest) ?? []
  return [authority ?? '', path ?? '', search ?? '']
}

/** Sentinels have passwords of their own, or none. */
function sentinelCredentials(query: URLSearchParams): Credentials {
  const [username, password] = [query.get('sentinelUsername'), query.get('sentinelPassword')]
  query.delete('sentinelUsername')
  query.delete('sentinelPassword')
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) }
}

function credentialsOf(text: string): Credentials {
  const colon = text.indexOf(':')
  const username = decode(colon < 0 ? text : text.slice(0, colon))
  const password = colon < 0 ? '' : decode(text.slice(colon + 1))
  return { ...(username ? { username } : {}), ...(password ? { password } : {}) }
}

function endpointOf(text: string, defaultPort: number): Endpoint {
  const found = /^(\[[\da-f:.]+\]|[^:[\]]+)(?::(\d+))?$/i.exec(text)
  const port = Number(found?.[2] ?? defaultPort)
  if (!found?.[1] || port < 1 || port > 65_535) throw invalid('a server in it is not written as host:port')
  return { host: found[1].replace(/^\[|\]$/g, ''), port }
}

function databaseOf(text: string | undefined): number {
  if (text !== undefined && !/^\d+$/.test(text)) throw invalid('a database is a number: …/0')
  return Number(text ?? 0)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid('a % in it must be written as %25')
  }
}

const invalid = (why: string): FatalError =>
  new FatalError('redis-url-invalid', `the address of Redis: ${why}`)
