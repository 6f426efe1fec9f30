import type { Context } from 'hono'
import { answerError } from './answer-error.ts'
import type { ApiApp, ApiEnv } from './env.ts'
import { Refusal } from './refusal.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** Answers what no route takes: 405 with `Allow` where there is one for another method, else 404. */
export function refuseUnmatched(app: ApiApp) {
  return (c: Context<ApiEnv>): Response => {
    const methods = METHODS.filter((method) => isRouted(app, method, c.req.path))
    if (methods.length === 0) return answerError(new Refusal('not-found', 'there is nothing at this path'), c)
    const allowed = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : method)).join(', ')
    c.header('allow', allowed)
    return answerError(new Refusal('method-not-allowed', `this path takes ${allowed} only`), c)
  }
}

/** Middleware is registered for all methods, and is no route. */
function isRouted({ router }: ApiApp, method: string, path: string): boolean {
  const [matched] = router.match(method, path)
  return matched.some(([[, route]]) => route.method === method)
}
