import { randomUUID } from 'node:crypto'
import { type JWTPayload, SignJWT } from 'jose'

export const JWT_SECRET = 'a secret of at least thirty-two characters'

interface TokenOptions {
  userId?: string
  claims?: JWTPayload
  /** Seconds from now. */
  expiresInS?: number
  secret?: string
}

export const adminToken = (options: TokenOptions = {}) => tokenOf({ role: 'admin' }, options)
export const userToken = (options: TokenOptions = {}) => tokenOf({}, options)
export const serviceToken = (options: TokenOptions = {}) => tokenOf({ role: 'service' }, options)

/** A token as Supabase signs them. */
async function tokenOf(
  appMetadata: object,
  { userId = randomUUID(), claims = {}, expiresInS = 600, secret = JWT_SECRET }: TokenOptions,
): Promise<string> {
  return await new SignJWT({
    role: 'authenticated',
    app_metadata: appMetadata,
    aud: 'authenticated',
    sub: userId,
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + expiresInS)
    .sign(new TextEncoder().encode(secret))
}
