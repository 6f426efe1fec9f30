import type { Logger } from '@app/runtime'
import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from './env.ts'

/** Probes and event streams say nothing worth a line each. */
const QUIET = /^\/(healthz|readyz|metrics)$/

/** One line per request with its id. Path only: queries carry tickets and signatures, headers carry tokens. */
export function requestLog(log: Logger) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const startedMs = performance.now()
    const child = log.child({ requestId: c.get('requestId') })
    c.set('log', child)
    await next()
    if (QUIET.test(c.req.path)) return
    const durationMs = Math.round(performance.now() - startedMs)
    child.info({ method: c.req.method, path: c.req.path, status: c.res.status, durationMs }, 'request')
  })
}
