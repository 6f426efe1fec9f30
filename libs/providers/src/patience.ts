import { RetryLaterError } from '@app/runtime'
import type { ProviderCall } from './calls.ts'
import { NAMES } from './failures/words.ts'
import type { CallEnd } from './make-call.ts'
import { OUTAGES_THAT_STOP } from './stops.ts'

/** Then one call tries whether answers come sooner. */
const PAUSE_MS = 30_000

/**
 * Which questions a provider has answered too late for those who wait, as seen from this process. That a person waits
 * for ten seconds only is no outage: jobs, which have minutes, go on. But the next person need not wait for nothing.
 */
export function createPatience(now: () => number) {
  const late = new Map<string, { inARow: number; againAtMs: number }>()

  return {
    /** Error `provider-slow`, for calls that are awaited only. */
    check(call: ProviderCall): void {
      const known = call.isAwaited ? late.get(keyOf(call)) : undefined
      if (!known || known.inARow < OUTAGES_THAT_STOP) return
      const waitMs = known.againAtMs - now()
      if (waitMs <= 0) {
        known.againAtMs = now() + PAUSE_MS
        return
      }
      const sentence = `${NAMES[call.provider]} takes longer to answer than anybody waits.`
      throw new RetryLaterError('provider-slow', sentence, { retryAfterMs: waitMs })
    },

    note(call: ProviderCall, end: CallEnd<unknown>): void {
      if (!call.isAwaited) return
      if (end.kind === 'answered') late.delete(keyOf(call))
      if (end.kind !== 'failed' || end.failure.code !== 'provider-timeout') return
      const inARow = (late.get(keyOf(call))?.inARow ?? 0) + 1
      late.set(keyOf(call), { inARow, againAtMs: now() + PAUSE_MS })
    },
  }
}

const keyOf = ({ provider, model, operation }: ProviderCall): string => `${provider} ${model} ${operation}`
