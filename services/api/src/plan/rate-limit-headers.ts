/** How a bucket of requests stands. */
interface Bucket {
  /** Requests that may come at once. */
  tokens: number
  burst: number
  /** From one token to the next. */
  intervalMs: number
}

const WINDOW_S = 60

/** What is left, as draft-ietf-httpapi-ratelimit-headers says it: `r` requests now, all of them again in `t` seconds. */
export function rateLimitHeaders(requestsPerMinute: number, { tokens, burst, intervalMs }: Bucket) {
  const fullInS = Math.ceil(((burst - tokens) * intervalMs) / 1_000)
  return {
    'ratelimit-policy': `"key";q=${requestsPerMinute};w=${WINDOW_S}`,
    ratelimit: `"key";r=${tokens};t=${fullInS}`,
  }
}
