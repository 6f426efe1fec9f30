import { createHmac } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { VerifyTicket } from './authenticate.ts'
import type { Principal } from './principal.ts'
import { Refusal } from './refusal.ts'

const AUDIENCE = 'scriptorium:events'
const LIFETIME_S = 60

export interface EventTickets {
  /** For the events of this book or clip, as whoever asks for it. */
  issue(
    principal: Extract<Principal, { userId: string }>,
    subjectId: string,
  ): Promise<{ ticket: string; expiresInS: number }>
  verify: VerifyTicket
}

/**
 * Tickets for event streams: they name one user and one book or clip, and open a stream for a minute. Signed, so that any
 * instance takes what another has issued; their audience keeps them from passing as tokens.
 */
export function eventTickets(signingSecret: string): EventTickets {
  // A key of its own: the same secret signs the addresses of stored media.
  const key = createHmac('sha256', signingSecret).update('event tickets').digest()
  return {
    async issue({ kind, userId }, subjectId) {
      const ticket = await new SignJWT({ about: subjectId, kind })
        .setProtectedHeader({ alg: 'HS256', typ: 'ticket' })
        .setSubject(userId)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_S}s`)
        .sign(key)
      return { ticket, expiresInS: LIFETIME_S }
    },

    async verify(ticket, subjectId) {
      try {
        const { payload } = await jwtVerify(ticket, key, {
          algorithms: ['HS256'],
          audience: AUDIENCE,
          requiredClaims: ['exp', 'sub'],
        })
        if (payload.about !== subjectId.toLowerCase())
          throw new Refusal('ticket-invalid', 'the ticket is for another stream')
        return { kind: payload.kind === 'admin' ? 'admin' : 'user', userId: payload.sub ?? '' }
      } catch (cause) {
        if (cause instanceof Refusal) throw cause
        const problem = cause instanceof errors.JWTExpired ? 'has expired' : 'is not valid'
        throw new Refusal('ticket-invalid', `the ticket ${problem}`, { cause })
      }
    },
  }
}
