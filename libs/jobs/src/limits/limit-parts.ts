import { type Logger, type Part, repeating, withTimeout } from '@app/runtime'
import type { ProcessLimits } from './process-limits.ts'

/** A slot's lease is six of these. */
const RENEW_EVERY_MS = 5_000
const REVIEW_EVERY_MS = 10_000
const LAST_RELEASES_MS = 2_000

/** Keeps what this process holds of limits, and heals the lines of those that wait for some. */
export function limitParts(limits: ProcessLimits, log: Logger): Part[] {
  const slots = repeating({ name: 'slots of limits', everyMs: RENEW_EVERY_MS, log, work: limits.renew })
  return [
    {
      ...slots,
      async stop() {
        await slots.stop()
        await withTimeout(limits.settled(), LAST_RELEASES_MS, 'last-releases').catch(() => {})
      },
    },
    repeating({ name: 'lines of limits', everyMs: REVIEW_EVERY_MS, log, work: limits.review }),
  ]
}
