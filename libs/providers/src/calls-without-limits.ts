import type { Secret } from '@app/runtime'
import type { ProviderCalls } from './calls.ts'
import { errorOf } from './errors.ts'
import { makeCall } from './make-call.ts'

/** Calls with time-outs and translated errors, and nothing else: no limits, stops, budget or record. For tests. */
export function callsWithoutLimits(secrets: readonly Secret[] = []): ProviderCalls {
  return {
    async run(call, work) {
      const end = await makeCall(call, work, secrets)
      switch (end.kind) {
        case 'answered':
          return end.answered.value
        case 'failed':
          throw errorOf(end.failure, { ...call, cause: end.cause })
        case 'thrown':
          throw end.error
      }
    },
  }
}
