import { expect, it } from 'vitest'
import { checkHealth, healthResponse, healthServer } from './health.ts'
import { createMetrics } from './metrics.ts'

const refused = () => Promise.reject(Object.assign(new Error(''), { code: 'ECONNREFUSED' }))

it('is ok when every check is', async () => {
  expect(await checkHealth({ postgres: async () => 1, redis: () => 'PONG' })).toEqual({
    ok: true,
    checks: { postgres: 'ok', redis: 'ok' },
  })
})

it('says which check failed and why, and keeps the others', async () => {
  const broken = () => {
    throw new Error('pool is closed')
  }

  expect(await checkHealth({ postgres: refused, redis: broken, storage: () => true })).toEqual({
    ok: false,
    checks: { postgres: 'ECONNREFUSED', redis: 'pool is closed', storage: 'ok' },
  })
})

it('does not wait for a check that hangs', async () => {
  const { ok, checks } = await checkHealth({ redis: () => new Promise(() => {}) }, 1)

  expect(ok).toBe(false)
  expect(checks.redis).toContain('health-check-timeout')
})

it('stays alive while it is not ready', async () => {
  expect(await healthResponse('/healthz', { postgres: refused })).toMatchObject({ status: 200 })
  expect(await healthResponse('/readyz', { postgres: refused })).toMatchObject({ status: 503 })
  expect(await healthResponse('/readyz', {})).toMatchObject({ status: 200 })
  expect(await healthResponse('/metrics', {})).toBeUndefined()
})

it('answers over HTTP, in JSON', async () => {
  const server = healthServer(0, { postgres: refused, redis: () => 'PONG' })
  await server.start?.({ signal: new AbortController().signal, fail: () => {} })
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port()}${path}`)
  try {
    const ready = await get('/readyz?verbose')
    const alive = await get('/healthz')
    const unknown = await get('/')

    expect(ready.status).toBe(503)
    expect(await ready.json()).toEqual({ ok: false, checks: { postgres: 'ECONNREFUSED', redis: 'ok' } })
    expect(alive.status).toBe(200)
    expect(unknown.status).toBe(404)
  } finally {
    await server.stop?.()
  }
})

it('serves what the process counts beside it', async () => {
  const metrics = createMetrics()
  metrics.counter({ name: 'probes_total', help: 'Probes.' }).inc()
  const server = healthServer(0, {}, metrics)
  await server.start?.({ signal: new AbortController().signal, fail: () => {} })
  try {
    const answer = await fetch(`http://127.0.0.1:${server.port()}/metrics`)

    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
    expect(await answer.text()).toContain('scriptorium_probes_total 1\n')
  } finally {
    await server.stop?.()
  }
})

it('fails to start on a port in use', async () => {
  const control = { signal: new AbortController().signal, fail: () => {} }
  const first = healthServer(0, {})
  await first.start?.(control)
  try {
    await expect(healthServer(first.port(), {}).start?.(control)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
  } finally {
    await first.stop?.()
  }
})
