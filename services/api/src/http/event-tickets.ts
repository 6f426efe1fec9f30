import { createHmac } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { VerifyTicket } from './authenticate.ts'
import { Refusal } from './refusal.ts'

const AUDIENCE = 'scriptorium:events'
const LIFETIME_S = 60

export interface EventTickets {
  issue(userId: string, audiobookId: string): Promise<{ ticket: string; expiresInS: number }>
  verify: VerifyTicket
}

/**
 * Tickets for event streams: they name one user and one book, and open a stream for a minute. Signed, so that any
 * instance takes what another has issued; their audience keeps them from passing as tokens.
 */
export function eventTickets(signingSecret: string): EventTickets {
  // A key of its own: the same secret signs the addresses of stored media.
  const key = createHmac('sha256', signingSecret).update('event tickets').digest()
  return {
    async issue(userId, audiobookId) {
      const ticket = await new SignJWT({ book: audiobookId })
        .setProtectedHeader({ alg: 'HS256', typ: 'ticket' })
        .setSubject(userId)
        .setAudience(AUDIENCE)
        .setIssuedAt()
        .setExpirationTime(`${LIFETIME_S}s`)
        .sign(key)
      return { ticket, expiresInS: LIFETIME_S }
    },

    async verify(ticket, audiobookId) {
      try {
        const { payload } = await jwtVerify(ticket, key, {
          algorithms: ['HS256'],
          audience: AUDIENCE,
          requiredClaims: ['exp', 'sub'],
        })
        if (payload.book !== audiobookId.toLowerCase())
          throw new Refusal('ticket-invalid', 'the ticket is for another book')
        return { kind: 'admin', userId: payload.sub ?? '' }
      } catch (cause) {
        if (cause instanceof Refusal) throw cause
        const problem = cause instanceof errors.JWTExpired ? 'has expired' : 'is not valid'
        throw new Refusal('ticket-invalid', `the ticket ${problem}`, { cause })
      }
    },
  }
}
