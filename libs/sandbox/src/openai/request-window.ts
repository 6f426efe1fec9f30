import type { Answer } from '../server/wire.ts'
import { openaiError } from './errors.ts'

const TOKENS_PER_MINUTE = 2_000_000

/** A minute's requests as a bucket that fills steadily, and the headers that tell of it. */
export function requestWindow(perMinute: number) {
  const perMs = perMinute / 60_000
  let left = perMinute
  let atMs = performance.now()
  const refill = () => {
    const nowMs = performance.now()
    left = Math.min(perMinute, left + (nowMs - atMs) * perMs)
    atMs = nowMs
  }
  const waitMs = () => Math.max(0, Math.ceil((1 - left) / perMs))
  return {
    take(): boolean {
      refill()
      if (left < 1) return false
      left -= 1
      return true
    },
    headers(): Record<string, string> {
      refill()
      return {
        'x-ratelimit-limit-requests': String(perMinute),
        'x-ratelimit-remaining-requests': String(Math.floor(Math.max(0, left))),
        'x-ratelimit-reset-requests': `${Math.ceil((perMinute - left) / perMs)}ms`,
        'x-ratelimit-limit-tokens': String(TOKENS_PER_MINUTE),
        'x-ratelimit-remaining-tokens': String(TOKENS_PER_MINUTE),
        'x-ratelimit-reset-tokens': '0ms',
      }
    },
    refusal(model: string): Answer {
      const message = `Rate limit reached for ${model} in organization org-sandbox on requests per min (RPM): Limit ${perMinute}, Used ${perMinute}, Requested 1. Please try again in ${waitMs()}ms.`
      const refused = openaiError({ status: 429, message, type: 'requests', code: 'rate_limit_exceeded' })
      return {
        ...refused,
        headers: { 'retry-after': String(Math.ceil(waitMs() / 1000)), 'retry-after-ms': String(waitMs()) },
      }
    },
  }
}
