import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { ApiEnv } from './env.ts'
import { Refusal } from './refusal.ts'

const SMALL_BYTES = 1024 * 1024
/** A thousand URLs, each with its metadata. */
const BATCH_BYTES = 8 * 1024 * 1024
/** A transcript of a ten-hour chapter with the time of each word. */
const RESULT_BYTES = 64 * 1024 * 1024

/** Bodies that are read whole have a limit. Files are streamed, and limited by their upload. Neither is unpacked. */
export function limitBody(): MiddlewareHandler<ApiEnv> {
  const small = limitOf(SMALL_BYTES)
  const batch = limitOf(BATCH_BYTES)
  const result = limitOf(RESULT_BYTES)
  return (c, next) => {
    const encoding = c.req.header('content-encoding')
    if (encoding !== undefined && encoding !== 'identity') {
      throw new Refusal('unsupported-media-type', `send the body as it is: ${encoding} is not unpacked here`)
    }
    if (/\/uploads\/[^/]+\/files$/.test(c.req.path)) return next()
    if (c.req.path === '/jobs/batch') return batch(c, next)
    return (/\/jobs\/[^/]+\/status$/.test(c.req.path) ? result : small)(c, next)
  }
}

function limitOf(maxSize: number): MiddlewareHandler {
  const onError = (): never => {
    throw new Refusal('body-too-large', `the body may have ${maxSize} bytes at most`)
  }
  const whileItArrives = bodyLimit({ maxSize, onError })
  return (c, next) => {
    // Before the body is opened: one that was, and is not read to its end, takes the connection along half a second
    // later, and with it what the client has asked next.
    if (Number(c.req.header('content-length')) > maxSize) return onError()
    return whileItArrives(c, next)
  }
}
