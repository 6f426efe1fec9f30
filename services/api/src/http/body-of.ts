import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { Context } from 'hono'
import type { ApiEnv } from './env.ts'

/** The request's body as a stream: from the socket where there is one, else from the Request of a test. */
export function bodyOf(c: Context<ApiEnv>): Readable {
  const { body } = c.req.raw
  return body ? Readable.fromWeb(body as ReadableStream) : Readable.from([])
}
