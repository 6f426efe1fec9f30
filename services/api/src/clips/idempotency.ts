import { createHash } from 'node:crypto'
import type { CreateClip } from '@app/contracts'
import { z } from '@hono/zod-openapi'

/**
 * The header of draft-ietf-httpapi-idempotency-key-header: a quoted string there, and as most clients send it without
 * quotes.
 */
export const idempotencyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^("[\x21\x23-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255})$/, '1 to 255 characters without spaces')
    .transform((text) => text.replaceAll('"', ''))
    .optional()
    .meta({
      type: 'string',
      description: 'The same request under the same key makes one job, and gets the same answer',
    }),
})

/** A line of a batch has a key of its own, so that the same batch makes nothing twice. */
export const keyOfLine = (key: string, index: number): string => `batch:${index}:${key}`

/** Tells the same request from another one, whatever the order of its fields. */
export function hashOfRequest(request: CreateClip): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(request)))
    .digest('hex')
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .filter(([, one]) => one !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => [key, sorted(one)])
}
