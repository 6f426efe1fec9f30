import type { Body, Provider, ReceivedFile, RouteName } from './wire.ts'

/** A request as it came, without the key it carried and without the bytes of its files. */
export interface RecordedRequest {
  provider: Provider
  route: RouteName
  method: string
  /** Below the provider's base, with its query. */
  path: string
  headers: Record<string, string>
  json?: unknown
  fields?: Record<string, string[]>
  files?: Pick<ReceivedFile, 'field' | 'name' | 'contentType' | 'sizeBytes' | 'sha256'>[]
  sizeBytes?: number
  /** Of the answer, once it was given; undefined where the connection was cut. */
  status?: number
}

const KEY_HEADERS = new Set(['authorization', 'x-goog-api-key', 'cookie'])
const HIDDEN = '[key]'
/** Sound inside JSON is not kept: a long test would fill the memory with it. */
const MAX_TEXT = 200_000
const MAX_RECORDS = 10_000

/** The last ten thousand requests. */
export function requestLog() {
  const requests: RecordedRequest[] = []
  const counts: Record<string, number> = {}
  return {
    requests,
    counts: () => counts,
    add(request: RecordedRequest): RecordedRequest {
      counts[request.route] = (counts[request.route] ?? 0) + 1
      requests.push(request)
      if (requests.length > MAX_RECORDS) requests.shift()
      return request
    },
  }
}

/** What is kept of a body. */
export function recordedBody(body: Body): Pick<RecordedRequest, 'json' | 'fields' | 'files' | 'sizeBytes'> {
  switch (body.kind) {
    case 'json':
      return { json: shortened(body.value) }
    case 'form':
      return { fields: body.fields, files: body.files.map(({ path: _, ...file }) => file) }
    case 'bytes':
      return { sizeBytes: body.bytes.length }
    case 'none':
    case 'malformed':
      return {}
  }
}

/** Headers with the keys in them hidden. */
export function recordedHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, KEY_HEADERS.has(name) ? HIDDEN : value]),
  )
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `[${value.length} characters]` : value
  if (Array.isArray(value)) return value.map(shortened)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shortened(each)]))
}
