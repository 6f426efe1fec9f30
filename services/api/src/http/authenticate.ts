import { createMiddleware } from 'hono/factory'
import type { ApiEnv } from './env.ts'
import type { Principal } from './principal.ts'
import { Refusal } from './refusal.ts'
import type { VerifyToken } from './verify-token.ts'

const ADMIN = '/api/v1/admin/'
/** Where workers outside our services report. Nobody else does. */
const SERVICE_ONLY = /^\/api\/v1\/admin\/jobs\/[^/]+\/status$/
/** Browsers' EventSource sends no headers: here a ticket in the query stands for the token it was given for. */
const EVENTS = /^\/api\/v1\/admin\/audiobooks\/([^/]+)\/events$/

/** Says whom a ticket was given to, or throws a Refusal with 401. */
export type VerifyTicket = (ticket: string, audiobookId: string) => Promise<Principal>

interface AuthenticateDeps {
  verifyToken: VerifyToken
  verifyTicket: VerifyTicket
}

/** Refuses with 401 who shows no valid token, with 403 who may not go there; for all the others says who it is. */
export function authenticate({ verifyToken, verifyTicket }: AuthenticateDeps) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { path } = c.req
    const ticket = c.req.query('ticket')
    const [, audiobookId] = EVENTS.exec(path) ?? []
    const principal =
      audiobookId !== undefined && ticket !== undefined && c.req.method === 'GET'
        ? await verifyTicket(ticket, audiobookId)
        : await verifyToken(bearerToken(c.req.header('authorization')))
    refuseUnlessAllowed(path, principal)
    c.set('principal', principal)
    await next()
  })
}

/** The user behind a request that services have no business making. */
export function userOf(principal: Principal): Extract<Principal, { userId: string }> {
  if (principal.kind === 'service') throw new Refusal('users-only', 'this is for users, not for services')
  return principal
}

function refuseUnlessAllowed(path: string, { kind }: Principal): void {
  if (SERVICE_ONLY.test(path)) {
    if (kind !== 'service') throw new Refusal('service-only', 'this needs a service token')
  } else if (path.startsWith(ADMIN) && kind !== 'admin') {
    throw new Refusal('admin-only', 'this needs the admin role')
  }
}

function bearerToken(header: string | undefined): string {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header ?? '')?.[1]
  if (token) return token
  if (!header) throw new Refusal('token-missing', 'this needs a token: Authorization: Bearer …')
  throw new Refusal('token-invalid', 'the Authorization header holds no bearer token')
}
