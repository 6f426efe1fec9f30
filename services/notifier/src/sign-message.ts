import { FatalError } from '@app/runtime'
import { Webhook } from 'standardwebhooks'

/** What is signed: the body byte for byte, the id of all tries of it, and when this one is made. */
export interface SignedParts {
  id: string
  body: string
  at: Date
}

/**
 * The headers of Standard Webhooks, with a signature for each secret that is good now. Error: `webhook-secret-missing`,
 * for what nobody has signed anybody may have sent.
 */
export function signMessage(
  { id, body, at }: SignedParts,
  secrets: readonly string[],
): Record<string, string> {
  if (secrets.length === 0)
    throw new FatalError('webhook-secret-missing', 'its webhook has no secret to sign it with')
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, body)).join(' '),
  }
}
