import type { ApiKeyScope } from '@app/contracts'

/** Where an API key may go at all, and with which scope; the first that fits. */
const PLACES: readonly { path: RegExp; read: ApiKeyScope; write: ApiKeyScope }[] = [
  // It lets somebody look, and changes nothing.
  { path: /^\/jobs\/[^/]+\/events\/ticket$/, read: 'jobs:read', write: 'jobs:read' },
  { path: /^\/(jobs|download)(\/|$)/, read: 'jobs:read', write: 'jobs:write' },
  { path: /^\/api\/v1\/(process$|jobs\/)/, read: 'jobs:read', write: 'jobs:write' },
  { path: /^\/webhooks(\/|$)/, read: 'webhooks', write: 'webhooks' },
  { path: /^\/api\/v1\/search$/, read: 'search', write: 'search' },
]

/** The scope that an API key needs there; undefined where none will do. */
export function scopeFor(method: string, path: string): ApiKeyScope | undefined {
  const place = PLACES.find((each) => each.path.test(path))
  return method === 'GET' || method === 'HEAD' ? place?.read : place?.write
}
