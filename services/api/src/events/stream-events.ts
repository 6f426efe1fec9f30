import type { Context } from 'hono'
import type { ApiEnv } from '../http/env.ts'
import type { SseEvent } from '../plan/sse.ts'
import type { StreamPlace } from './event-hub.ts'
import { eventStream } from './event-stream.ts'

/** Answers with events for as long as somebody listens, and leaves the hub's place after them. */
export function streamEvents(
  c: Context<ApiEnv>,
  place: StreamPlace,
  events: AsyncGenerator<SseEvent | undefined>,
) {
  c.req.raw.signal.addEventListener('abort', place.leave, { once: true })
  c.header('content-type', 'text/event-stream; charset=utf-8')
  c.header('cache-control', 'no-store')
  // nginx would hold events back to fill its buffer.
  c.header('x-accel-buffering', 'no')
  // Nobody reads the body of such an answer, so that nothing would ever leave the place.
  if (c.req.method === 'HEAD') {
    place.leave()
    return c.body(null)
  }
  return c.body(eventStream({ events, onEnd: place.leave }))
}
