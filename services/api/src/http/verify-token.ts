import { FatalError } from '@app/runtime'
import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import type { Principal } from './principal.ts'
import { Refusal } from './refusal.ts'

const AUDIENCE = 'authenticated'
const JWKS_TIMEOUT_MS = 5_000
/** A secret verifies HS256 only, published keys the rest only: a public key must never pass as a secret. */
const ASYMMETRIC = [
  'ES256',
  'ES384',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'EdDSA',
  'Ed25519',
]

export type VerifyToken = (token: string) => Promise<Principal>

/** Supabase's claims, as far as they matter here. What a user may edit (`user_metadata`) is not among them. */
const Claims = z.object({
  sub: z.string().optional(),
  role: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  app_metadata: z.object({ role: z.string().optional() }).nullish(),
})

export interface TokenKeys {
  /** HS256, as in a Supabase project's legacy JWT secret. */
  secret?: string | undefined
  /** Where the project publishes its asymmetric keys. */
  jwksUrl?: string | undefined
}

/**
 * Checks signature, algorithm, expiry and audience; says who it is. Throws a Refusal with status 401, or 503 where the
 * keys can't be had.
 */
export function tokenVerifier({ secret, jwksUrl }: TokenKeys): VerifyToken {
  if (secret === undefined && jwksUrl === undefined) {
    throw new FatalError('auth-not-configured', 'set SUPABASE_JWT_SECRET, SUPABASE_URL or SUPABASE_JWKS_URL')
  }
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret)
  const published = jwksUrl
    ? createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: JWKS_TIMEOUT_MS })
    : undefined
  return async (token) => {
    try {
      return principalOf(await claimsOf(token, key, published))
    } catch (error) {
      throw asRefusal(error)
    }
  }
}

async function claimsOf(token: string, secret?: Uint8Array, published?: JWTVerifyGetKey): Promise<unknown> {
  const { alg } = decodeProtectedHeader(token)
  const demands = { requiredClaims: ['exp'] }
  if (alg === 'HS256' && secret) {
    return (await jwtVerify(token, secret, { ...demands, algorithms: ['HS256'] })).payload
  }
  if (alg !== undefined && ASYMMETRIC.includes(alg) && published) {
    return (await jwtVerify(token, published, { ...demands, algorithms: ASYMMETRIC })).payload
  }
  throw new Refusal('token-invalid', 'tokens signed this way are not accepted here')
}

function principalOf(payload: unknown): Principal {
  const { sub, role, aud, app_metadata } = Claims.parse(payload)
  // Supabase's own service key carries neither audience nor subject.
  if (role === 'service_role' && aud === undefined) return { kind: 'service', name: sub ?? 'service_role' }
  if (![aud].flat().includes(AUDIENCE))
    throw new Refusal('token-invalid', 'the token is for another audience')
  if (role === 'service_role' || app_metadata?.role === 'service') {
    return { kind: 'service', name: sub ?? 'service' }
  }
  const userId = z.guid().safeParse(sub)
  if (!userId.success) throw new Refusal('token-invalid', 'the token names no user')
  return { kind: app_metadata?.role === 'admin' ? 'admin' : 'user', userId: userId.data.toLowerCase() }
}

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error
  if (error instanceof errors.JWTExpired) {
    return new Refusal('token-expired', 'the token has expired', { cause: error })
  }
  if (isKeyServerFault(error)) {
    return new Refusal('auth-unavailable', "the sign-in server's keys cannot be had right now", {
      cause: error,
    })
  }
  return new Refusal('token-invalid', 'the token is not valid', { cause: error })
}

/** jose gives a bad HTTP answer as a bare JOSEError; a failed connection comes from fetch, as a TypeError. */
function isKeyServerFault(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true
  if (error instanceof errors.JOSEError) return error.code === 'ERR_JOSE_GENERIC'
  return error instanceof TypeError && error.message === 'fetch failed'
}
