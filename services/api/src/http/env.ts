import type { Logger } from '@app/runtime'
import type { HttpBindings } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Principal } from './principal.ts'

/** What middleware leaves for handlers. `Bindings` is absent under `app.request()`, hence partial. */
export interface ApiEnv {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    log: Logger
    principal: Principal
  }
}

export type ApiApp = OpenAPIHono<ApiEnv>
