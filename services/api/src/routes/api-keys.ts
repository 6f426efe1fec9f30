import { ApiKeyMade, ApiKeyPage, CreateApiKey, ListApiKeys } from '@app/contracts'
import type { Db } from '@app/db'
import { createRoute } from '@hono/zod-openapi'
import { hashOfApiKey, newApiKey, prefixOfApiKey } from '../api-keys/api-key-text.ts'
import { apiKeyView } from '../http/api-key-views.ts'
import { userOf } from '../http/authenticate.ts'
import { authRefusals, idParam, jsonAnswer, jsonBody, named, refusals, signedIn } from '../http/describe.ts'
import type { ApiApp } from '../http/env.ts'
import { knownId, notFound } from '../http/known-id.ts'
import { insertApiKey, listApiKeys, revokeApiKey } from '../queries/api-keys.ts'

const shared = { ...signedIn, tags: ['api keys'] }

const make = createRoute({
  ...shared,
  method: 'post',
  path: '/api/v1/admin/api-keys',
  summary: 'Make an API key for an owner',
  description:
    'The answer holds the key, this once: only its hash is kept. It is shown as `Authorization: Bearer sk_…` and may ' +
    'be used for what its scopes name: `jobs:write`, `jobs:read`, `webhooks`, `search`.',
  request: { body: jsonBody(named('CreateApiKey', CreateApiKey)) },
  responses: {
    201: jsonAnswer(named('ApiKeyMade', ApiKeyMade), 'The key'),
    ...authRefusals,
    ...refusals(400, 413, 415, 422),
  },
})

const list = createRoute({
  ...shared,
  method: 'get',
  path: '/api/v1/admin/api-keys',
  summary: 'API keys, newest first: whose, for what, when last used, what they spent today',
  request: { query: ListApiKeys },
  responses: {
    200: jsonAnswer(named('ApiKeyPage', ApiKeyPage), 'One page'),
    ...authRefusals,
    ...refusals(422),
  },
})

const revoke = createRoute({
  ...shared,
  method: 'delete',
  path: '/api/v1/admin/api-keys/{id}',
  summary: 'Revoke an API key: refused from the next request on; its jobs go on',
  request: { params: idParam },
  responses: { 204: { description: 'Revoked' }, ...authRefusals, ...refusals(404) },
})

/** What admins do with API keys; each act stands in the audit log. */
export function apiKeyRoutes(app: ApiApp, { db }: { db: Db }): void {
  app.openapi(make, async (c) => {
    const request = c.req.valid('json')
    const { userId: who } = userOf(c.get('principal'))
    const key = newApiKey()
    const row = await insertApiKey(db, {
      ...{ request, who, ownerId: (request.owner_id ?? who).toLowerCase() },
      ...{ keyHash: hashOfApiKey(key), prefix: prefixOfApiKey(key) },
    })
    return c.json({ ...apiKeyView(row), key }, 201)
  })

  app.openapi(list, async (c) => {
    const { page, page_size, owner_id } = c.req.valid('query')
    const { keys, total } = await listApiKeys(db, {
      ...{ page, pageSize: page_size, ownerId: owner_id?.toLowerCase() },
    })
    return c.json({ page, page_size, total, api_keys: keys.map(apiKeyView) }, 200)
  })

  app.openapi(revoke, async (c) => {
    const id = knownId(c.req.valid('param').id, 'api-key')
    if (!(await revokeApiKey(db, id, userOf(c.get('principal')).userId))) throw notFound('api-key')
    return c.body(null, 204)
  })
}
