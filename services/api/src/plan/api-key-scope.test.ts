import { expect, it } from 'vitest'
import { scopeFor } from './api-key-scope.ts'

it.each([
  ['POST', '/jobs/create', 'jobs:write'],
  ['POST', '/jobs/batch', 'jobs:write'],
  ['DELETE', '/jobs/1', 'jobs:write'],
  ['GET', '/jobs', 'jobs:read'],
  ['GET', '/jobs/1/events', 'jobs:read'],
  ['POST', '/jobs/1/events/ticket', 'jobs:read'],
  ['POST', '/api/v1/process', 'jobs:write'],
  ['GET', '/api/v1/jobs/1', 'jobs:read'],
  ['GET', '/webhooks', 'webhooks'],
  ['POST', '/webhooks/1/test', 'webhooks'],
  ['GET', '/api/v1/search', 'search'],
  ['POST', '/api/v1/audiobooks/1/analysis', undefined],
  ['GET', '/api/v1/admin/api-keys', undefined],
  ['GET', '/api/v1/admin/jobs/1/why', undefined],
  ['GET', '/jobsworth', undefined],
])('%s %s needs %s', (method, path, scope) => {
  expect(scopeFor(method, path)).toBe(scope)
})
