import type { Logger } from '@app/runtime'
import { OpenAPIHono } from '@hono/zod-openapi'
import { cors } from 'hono/cors'
import { requestId } from 'hono/request-id'
import { secureHeaders } from 'hono/secure-headers'
import { answerError } from './http/answer-error.ts'
import { authenticate, type VerifyTicket } from './http/authenticate.ts'
import type { ApiEnv } from './http/env.ts'
import { limitBody } from './http/limit-body.ts'
import { Refusal } from './http/refusal.ts'
import { requestLog } from './http/request-log.ts'
import { refuseInvalid } from './http/validated.ts'
import type { VerifyToken } from './http/verify-token.ts'
import { docsRoutes } from './routes/docs.ts'
import { type UploadRoutesDeps, uploadRoutes } from './routes/uploads.ts'

export type ApiApp = OpenAPIHono<ApiEnv>

export interface ApiDeps extends UploadRoutesDeps {
  log: Logger
  verifyToken: VerifyToken
  verifyTicket: VerifyTicket
  /** Web pages of these origins may call; none by default. */
  corsOrigins: readonly string[]
}

/** The whole HTTP API over its dependencies; listens nowhere by itself. */
export function createApp(deps: ApiDeps): ApiApp {
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid })
  app.onError(answerError)
  app.notFound((c) => answerError(new Refusal('not-found', 'there is nothing at this path'), c))

  app.use(requestId(), requestLog(deps.log), headers())
  if (deps.corsOrigins.length > 0) app.use('/api/*', cors({ origin: [...deps.corsOrigins] }))
  app.use('/api/*', authenticate(deps), limitBody())

  uploadRoutes(app, deps)
  docsRoutes(app)
  return app
}

/** Answers are data, not pages: nothing in them may run, wherever a browser is tricked into showing them. */
function headers() {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: 'DENY',
    // Set where TLS ends, by whoever ends it.
    strictTransportSecurity: false,
    overwrite: false,
  })
}
