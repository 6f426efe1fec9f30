import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { UrlForbiddenError } from './url-forbidden-error.ts'

export interface ProxyClientLimits {
  /** Both ways together. Default: none. */
  maxBytes?: number | undefined
  /** Requests and tunnels at a time. Default 32. */
  maxConnections?: number | undefined
}

/** One child process's leave to use the proxy. */
export interface ProxyClient {
  /** `http://name:password@127.0.0.1:port`, for `--proxy` or `http_proxy`; it works until `close`. */
  url: string
  /** What was refused to it, the first first: a download that failed after these failed for them. */
  refusals(): readonly UrlForbiddenError[]
  bytes(): number
  /** Its connections were cut because it had its `maxBytes`. */
  isOverLimit(): boolean
  /** Cuts its connections, and lets it open no more. */
  close(): void
}

/** The proxy's side of a client. */
export interface AdmittedClient {
  refuse(error: UrlForbiddenError): void
  /** Counts a connection until `end`; undefined where there are enough. */
  begin(ends: () => void): ProxyConnection | undefined
}

export interface ProxyConnection {
  /** Counts what has come already. */
  counted(chunk: Buffer): Buffer
  /** Counts what comes out of a stream, which flows from now on: whoever takes it must do so at once. */
  count(stream: Readable): void
  end(): void
}

const MAX_CONNECTIONS = 32
const MAX_REFUSALS = 100

interface Entry extends AdmittedClient {
  passwordHash: Buffer
  close(): void
}

/** Who may use a proxy. Passwords are random, compared in constant time, and forgotten with their client. */
export function createProxyClients() {
  const entries = new Map<string, Entry>()
  return {
    admit(host: string, limits: ProxyClientLimits = {}): ProxyClient {
      const [name, password] = [randomBytes(9).toString('base64url'), randomBytes(24).toString('base64url')]
      const { entry, client } = createClient(limits)
      entries.set(name, { ...entry, passwordHash: sha256(password) })
      const close = () => {
        entries.delete(name)
        entry.close()
      }
      return { ...client, url: `http://${name}:${password}@${host}`, close }
    },

    /** By a `Proxy-Authorization` header. */
    byCredentials(header: string | undefined): AdmittedClient | undefined {
      const [, encoded = ''] = /^Basic ([\w+/=-]+)$/i.exec(header ?? '') ?? []
      const [name = '', password = ''] = Buffer.from(encoded, 'base64').toString().split(':')
      const entry = entries.get(name)
      return entry && timingSafeEqual(entry.passwordHash, sha256(password)) ? entry : undefined
    },

    closeAll(): void {
      for (const entry of entries.values()) entry.close()
      entries.clear()
    },
  }
}

function createClient({
  maxBytes = Number.POSITIVE_INFINITY,
  maxConnections = MAX_CONNECTIONS,
}: ProxyClientLimits) {
  const refusals: UrlForbiddenError[] = []
  const open = new Set<() => void>()
  let bytes = 0
  const close = () => {
    for (const end of [...open]) end()
  }
  const count = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBytes) close()
    return chunk
  }
  const entry = {
    close,
    refuse(error: UrlForbiddenError) {
      if (refusals.length < MAX_REFUSALS) refusals.push(error)
    },
    begin(end: () => void): ProxyConnection | undefined {
      if (open.size >= maxConnections || bytes > maxBytes) return undefined
      open.add(end)
      return {
        counted: count,
        count: (stream) => void stream.on('data', count),
        end: () => void open.delete(end),
      }
    },
  }
  const client = { refusals: () => [...refusals], bytes: () => bytes, isOverLimit: () => bytes > maxBytes }
  return { entry, client }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
