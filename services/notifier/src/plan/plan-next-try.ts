const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]

/** How long after the try before, by Standard Webhooks: ten tries, in a little more than three days. */
const DELAYS_MS = [
  ...[5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR],
  ...[10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
]
/** Each delay grows by up to so much of itself: what failed together does not come back together. */
const JITTER = 0.1

/** Standard Webhooks has senders slow down for these: too many requests, and gateways that can't reach their server. */
const SLOW_DOWN = new Set([429, 502, 504])
/** Where such an answer says nothing of when to come again. */
const SLOW_DOWN_MS = MINUTE
/** With every Retry-After as long as this, the last try is still made within the job's time (seven days). */
const MOST_RETRY_AFTER_MS = 12 * HOUR

/** The receiver wants nothing more at this address. */
const GONE = 410

/** What one try came to. */
export interface Answer {
  /** None where nobody answered. */
  status?: number
  retryAfterMs?: number | undefined
  /** Why it is no success. */
  error?: string
}

export type NextMove =
  | { kind: 'delivered' }
  /** `throttleMs`: for how long nothing else is sent there either. */
  | { kind: 'retry'; delayMs: number; throttleMs: number }
  | { kind: 'failed'; gone: boolean }

interface Tried {
  /** The one that gave this answer included. */
  tries: number
  /** How many there may be in all. */
  mostTries: number
  /** From 0 to 1. */
  random: number
}

/** Whoever tries a webhook out wants to know at once; anything else is worth three days. */
export const mostTriesOf = (eventType: string): number =>
  eventType === 'webhook.test' ? 1 : DELAYS_MS.length + 1

/** What follows from an answer: 2xx alone is success, a redirect is not. */
export function planNextTry(answer: Answer, { tries, mostTries, random }: Tried): NextMove {
  const { status = 0, retryAfterMs } = answer
  if (status >= 200 && status < 300) return { kind: 'delivered' }
  if (status === GONE) return { kind: 'failed', gone: true }
  if (tries >= mostTries) return { kind: 'failed', gone: false }
  const asked = Math.min(retryAfterMs ?? (SLOW_DOWN.has(status) ? SLOW_DOWN_MS : 0), MOST_RETRY_AFTER_MS)
  const planned = DELAYS_MS[tries - 1] ?? SECOND
  return { kind: 'retry', delayMs: Math.max(planned, asked) * (1 + JITTER * random), throttleMs: asked }
}
