export interface SseEvent {
  name: string
  id: string
  data: unknown
}

/** How long a browser waits before it connects again. */
const RETRY_MS = 3_000

/** One event in the text of https://html.spec.whatwg.org/multipage/server-sent-events.html; JSON has no line breaks. */
export function sseText({ name, id, data }: SseEvent): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Sent first: an answer has begun, even where there is nothing new to say. */
export const SSE_OPENING = `retry: ${RETRY_MS}\n\n`

/** A comment, which clients ignore and proxies take for life. */
export const SSE_HEARTBEAT = ': alive\n\n'

/** A version a client gives back; undefined where it is none of ours, so that it gets everything. */
export function parseVersion(lastEventId: string | undefined): string | undefined {
  return lastEventId !== undefined && /^\d{1,19}$/.test(lastEventId) ? lastEventId : undefined
}
