import { randomBytes } from 'node:crypto'

/** Standard Webhooks takes 24 to 64 bytes; 32 are what HMAC-SHA256 is worth. */
const BYTES = 32

/** A secret to sign messages with, in the form of Standard Webhooks: `whsec_` and base64. */
export const newSecret = (): string => `whsec_${randomBytes(BYTES).toString('base64')}`
