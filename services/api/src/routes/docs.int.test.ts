import { testDatabase, testRedis } from '@app/testkit'
import { expect, it } from 'vitest'
import { startTestApi } from '../testing/test-api.ts'

const ROUTES = [
  'POST /api/v1/admin/uploads',
  'POST /api/v1/admin/uploads/{id}/files',
  'GET /api/v1/admin/uploads/{id}/progress',
  'GET /api/v1/admin/uploads/{id}',
  'DELETE /api/v1/admin/uploads/{id}',
  'POST /api/v1/admin/audiobooks',
  'POST /api/v1/admin/audiobooks/batch',
  'GET /api/v1/admin/audiobooks',
  'GET /api/v1/admin/audiobooks/{id}',
  'PUT /api/v1/admin/audiobooks/{id}',
  'DELETE /api/v1/admin/audiobooks/{id}',
  'GET /api/v1/admin/audiobooks/{id}/jobs',
  'POST /api/v1/admin/audiobooks/{id}/events/ticket',
  'GET /api/v1/admin/audiobooks/{id}/events',
  'POST /api/v1/admin/jobs/{id}/status',
  'POST /api/v1/admin/jobs/{id}/retry',
  'POST /api/v1/admin/jobs/{id}/cancel',
  'GET /api/v1/admin/jobs/{id}/why',
  'POST /api/v1/admin/audiobooks/{id}/cancel',
  'GET /api/v1/admin/queues',
  'GET /api/v1/admin/queues/{queue}',
  'POST /api/v1/admin/queues/{queue}/pause',
  'POST /api/v1/admin/queues/{queue}/drain',
  'POST /api/v1/admin/queues/{queue}/resume',
  'GET /api/v1/admin/providers',
  'GET /api/v1/admin/usage',
  'PUT /api/v1/admin/owners/{owner_id}/budget',
  'GET /api/v1/admin/dead-letters',
  'GET /api/v1/admin/dead-letters/groups',
  'GET /api/v1/admin/dead-letters/{id}',
  'POST /api/v1/admin/dead-letters/{id}/redrive',
  'POST /api/v1/admin/dead-letters/{id}/discard',
  'POST /api/v1/admin/dead-letters/discard',
  'POST /api/v1/admin/dead-letters/redrive',
  'GET /api/v1/admin/redrives',
  'GET /api/v1/admin/redrives/{id}',
  'POST /api/v1/admin/redrives/{id}/stop',
  'GET /api/v1/admin/chapters/{id}/transcript',
  'POST /api/v1/audiobooks/{id}/analysis',
  'GET /api/v1/audiobooks/{id}/analysis',
  'POST /api/v1/audiobooks/{id}/description',
  'GET /api/v1/audiobooks/{id}/description',
  'POST /api/v1/audiobooks/{id}/chapters/{chapterId}/translations',
  'GET /api/v1/audiobooks/{id}/chapters/{chapterId}/translations',
  'GET /api/v1/audiobooks/{id}/chapters/{chapterId}/translations/{language}',
  'GET /api/v1/search',
  'POST /api/v1/admin/api-keys',
  'GET /api/v1/admin/api-keys',
  'DELETE /api/v1/admin/api-keys/{id}',
  'POST /jobs/create',
  'POST /jobs/batch',
  'GET /jobs',
  'GET /jobs/{id}',
  'GET /jobs/{id}/status',
  'GET /jobs/{id}/result',
  'GET /jobs/{id}/events',
  'POST /jobs/{id}/events/ticket',
  'POST /jobs/{id}/cancel',
  'POST /jobs/{id}/retry',
  'DELETE /jobs/{id}',
  'POST /api/v1/process',
  'GET /api/v1/jobs/{id}',
  'POST /webhooks/revai',
  'POST /webhooks',
  'GET /webhooks',
  'GET /webhooks/callback-secret',
  'POST /webhooks/callback-secret/rotate',
  'GET /webhooks/{id}',
  'PUT /webhooks/{id}',
  'DELETE /webhooks/{id}',
  'POST /webhooks/{id}/enable',
  'GET /webhooks/{id}/secret',
  'POST /webhooks/{id}/rotate-secret',
  'POST /webhooks/{id}/test',
  'GET /webhooks/{id}/deliveries',
  'POST /webhooks/{id}/deliveries/{deliveryId}/replay',
]

interface Operation {
  responses: Record<string, unknown>
  requestBody?: { content: Record<string, { schema: { $ref?: string } }> }
}

it('describes every route, its bodies and its refusals', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const { body } = await api.ask('GET', '/openapi.json', undefined, {})

  const paths = Object.entries(body.paths as Record<string, Record<string, Operation>>)
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  )
  expect(body.openapi).toBe('3.1.0')
  expect(operations.map(({ route }) => route).toSorted()).toEqual(ROUTES.toSorted())
  for (const { route, operation } of operations.filter(({ route }) => / \/(api|jobs)\b/.test(route))) {
    expect(Object.keys(operation.responses), route).toEqual(expect.arrayContaining(['401', '403', '503']))
  }
  const ofBodies = ['400', '413', '415', '422']
  for (const { route, operation } of operations.filter((each) => each.operation.requestBody)) {
    expect(Object.keys(operation.responses), route).toEqual(expect.arrayContaining(ofBodies))
  }
  const create = operations.find(({ route }) => route === 'POST /api/v1/admin/audiobooks')?.operation
  expect(create?.requestBody?.content['application/json']?.schema.$ref).toBe(
    '#/components/schemas/CreateAudiobook',
  )
  expect(Object.keys(body.webhooks)).toEqual(['job', 'test'])
  for (const name of ['ClipView', 'ClipEvent']) {
    const { error_code } = body.components.schemas[name].properties
    expect(error_code.description, name).toContain('region_blocked, removed')
  }
  expect(body.components.schemas.CreateAudiobook.properties.language.example).toBe('en')
  const references = JSON.stringify(body).match(/#\/components\/schemas\/\w+/g) ?? []
  const known = Object.keys(body.components.schemas).map((name) => `#/components/schemas/${name}`)
  expect(known).toEqual(expect.arrayContaining([...new Set(references)]))
})

it('makes the document once, however often anybody asks', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })
  const make = api.app.getOpenAPI31Document
  let made = 0
  api.app.getOpenAPI31Document = (...options) => {
    made += 1
    return make(...options)
  }

  const answers = await Promise.all([1, 2, 3].map(() => api.ask('GET', '/openapi.json', undefined, {})))

  expect(made).toBe(1)
  expect(answers[2]).toMatchObject({ status: 200, body: answers[0]?.body })
})

it('shows them on a page that takes nothing from elsewhere', async () => {
  await using database = await testDatabase()
  await using api = await startTestApi({ databaseUrl: database.url, redis: testRedis() })

  const page = await api.ask('GET', '/docs', undefined, {})
  const led = await Promise.all(['/', '/docs/'].map((path) => api.ask('GET', path, undefined, {})))
  const parts = [...String(page.body).matchAll(/(?:src|href)="(.+?)"/g)].map(([, url]) => url ?? '')
  const answers = await Promise.all(parts.map((part) => api.ask('GET', `/${part}`, undefined, {})))

  expect(led.map(({ status }) => status)).toEqual([302, 302])
  expect(led.map(({ headers }) => headers.get('location'))).toEqual(['docs', '../docs'])
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
  expect(parts.length).toBeGreaterThan(2)
  expect(parts.filter((part) => /^(https?:)?\/\//.test(part))).toEqual([])
  expect(answers.map((answer) => answer.status)).toEqual(parts.map(() => 200))
  expect(page.body).not.toMatch(/<script>|onload=/)
})
