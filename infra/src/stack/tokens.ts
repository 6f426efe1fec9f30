import { SignJWT } from 'jose'
import type { Secrets } from './secrets.ts'

export interface Tokens {
  admin: string
  user: string
  service: string
}

/** Longer than anybody leaves a stack running; a restart gives new ones. */
const VALID_FOR = '365d'

/** Tokens as Supabase issues them, for the three kinds of callers. */
export async function issueTokens(jwtSecret: string, userIds: Secrets['userIds']): Promise<Tokens> {
  const sign = (subject: string, role: string, claims: Record<string, unknown>) =>
    new SignJWT({ role, ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .setSubject(subject)
      .setAudience('authenticated')
      .setIssuedAt()
      .setExpirationTime(VALID_FOR)
      .sign(new TextEncoder().encode(jwtSecret))
  const [admin, user, service] = await Promise.all([
    sign(userIds.admin, 'authenticated', { app_metadata: { role: 'admin' } }),
    sign(userIds.user, 'authenticated', { app_metadata: {} }),
    sign(userIds.service, 'service_role', { app_metadata: { role: 'service' } }),
  ])
  return { admin, user, service }
}
