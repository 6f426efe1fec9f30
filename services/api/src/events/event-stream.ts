import { SSE_HEARTBEAT, SSE_OPENING, type SseEvent, sseText } from '../plan/sse.ts'

const HEARTBEAT_MS = 15_000

interface StreamOptions {
  /** `undefined` stands for a look that found nothing to tell. */
  events: AsyncGenerator<SseEvent | undefined>
  onEnd: () => void
  now?: () => number
}

/** Events as the body of an answer. The next is made when the last was taken: a slow reader costs no memory. */
export function eventStream({ events, onEnd, now = Date.now }: StreamOptions): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let lastMs = now()
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(encoder.encode(SSE_OPENING))
    },
    async pull(controller) {
      const text = await nextText(events, () => now() - lastMs >= HEARTBEAT_MS)
      lastMs = now()
      if (text !== undefined) return controller.enqueue(encoder.encode(text))
      onEnd()
      controller.close()
    },
    cancel: onEnd,
  })
}

/** Undefined at the end, whatever ended it: the client comes back, and is told what it missed. */
async function nextText(
  events: AsyncGenerator<SseEvent | undefined>,
  isQuiet: () => boolean,
): Promise<string | undefined> {
  try {
    for (;;) {
      const { done, value } = await events.next()
      if (done) return undefined
      if (value) return sseText(value)
      if (isQuiet()) return SSE_HEARTBEAT
    }
  } catch {
    return undefined
  }
}
