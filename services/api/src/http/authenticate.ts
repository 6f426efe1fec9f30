import { createMiddleware } from 'hono/factory'
import { scopeFor } from '../plan/api-key-scope.ts'
import type { ApiEnv } from './env.ts'
import type { ApiKeyGrant, Principal } from './principal.ts'
import { Refusal } from './refusal.ts'
import type { VerifyToken } from './verify-token.ts'

/** How a key begins, and no JWT does. */
const API_KEY = 'sk_'
const ADMIN = '/api/v1/admin/'
/** Where workers outside our services report. Nobody else does. */
const SERVICE_ONLY = /^\/api\/v1\/admin\/jobs\/[^/]+\/status$/
/** Browsers' EventSource sends no headers: here a ticket in the query stands for the token it was given for. */
const EVENTS = /^\/(?:api\/v1\/admin\/audiobooks|jobs)\/([^/]+)\/events$/

/** Says whom a ticket was given to, or throws a Refusal with 401. */
export type VerifyTicket = (ticket: string, subjectId: string) => Promise<Principal>

interface AuthenticateDeps {
  verifyToken: VerifyToken
  verifyApiKey: (key: string) => Promise<Principal>
  verifyTicket: VerifyTicket
}

/** Refuses with 401 who shows no valid token, with 403 who may not go there; for all the others says who it is. */
export function authenticate({ verifyToken, verifyApiKey, verifyTicket }: AuthenticateDeps) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { path } = c.req
    const ticket = c.req.query('ticket')
    const [, subjectId] = EVENTS.exec(path) ?? []
    const principal =
      subjectId !== undefined && ticket !== undefined && c.req.method === 'GET'
        ? await verifyTicket(ticket, subjectId)
        : await verifyBearer(bearerToken(c.req.header('authorization')))
    refuseUnlessAllowed(c.req.method, path, principal)
    c.set('principal', principal)
    await next()
  })

  function verifyBearer(token: string): Promise<Principal> {
    return token.startsWith(API_KEY) ? verifyApiKey(token) : verifyToken(token)
  }
}

/** The user behind a request that services have no business making. */
export function userOf(principal: Principal): Extract<Principal, { userId: string }> {
  if (principal.kind === 'service') throw new Refusal('users-only', 'this is for users, not for services')
  return principal
}

function refuseUnlessAllowed(method: string, path: string, principal: Principal): void {
  const { kind } = principal
  if (kind === 'user' && principal.key) refuseUnlessInScope(method, path, principal.key)
  if (SERVICE_ONLY.test(path)) {
    if (kind !== 'service') throw new Refusal('service-only', 'this needs a service token')
  } else if (path.startsWith(ADMIN) && kind !== 'admin') {
    throw new Refusal('admin-only', 'this needs the admin role')
  }
}

/** A key is for what it names and nothing else, also where its owner may do more. */
function refuseUnlessInScope(method: string, path: string, { scopes }: ApiKeyGrant): void {
  const scope = scopeFor(method, path)
  if (scope === undefined) throw new Refusal('scope-missing', 'API keys are not for this')
  if (!scopes.includes(scope)) throw new Refusal('scope-missing', `this API key lacks the scope ${scope}`)
}

function bearerToken(header: string | undefined): string {
  const token = /^Bearer +(sk_[\w-]+|[\w-]+\.[\w-]+\.[\w-]*)$/i.exec(header ?? '')?.[1]
  if (token) return token
  if (!header) throw new Refusal('token-missing', 'this needs a token: Authorization: Bearer …')
  throw new Refusal('token-invalid', 'the Authorization header holds no bearer token')
}
