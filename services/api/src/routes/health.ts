import { checkHealth, type HealthChecks, type Metrics } from '@app/runtime'
import type { ApiApp } from '../http/env.ts'

export interface HealthRoutesDeps {
  /** Without these the API can do nothing: not ready. */
  needed: HealthChecks
  /** Without these it does less: jobs wait to be dispatched, event streams are slower. */
  helpful: HealthChecks
  exposition: Metrics['exposition']
}

/**
 * For probes and Prometheus, without a token. Liveness asks only whether this process answers: restarting it would not
 * bring the database back.
 */
export function healthRoutes(app: ApiApp, { needed, helpful, exposition }: HealthRoutesDeps): void {
  app.get('/healthz', (c) => c.json({ ok: true, checks: {} }))
  app.get('/metrics', async (c) => {
    const { contentType, text } = await exposition()
    return c.body(text, 200, { 'content-type': contentType })
  })
  app.get('/readyz', async (c) => {
    const [must, may] = await Promise.all([checkHealth(needed), checkHealth(helpful)])
    const degraded = Object.keys(helpful).filter((name) => may.checks[name] !== 'ok')
    return c.json({ ok: must.ok, checks: { ...must.checks, ...may.checks }, degraded }, must.ok ? 200 : 503)
  })
}
