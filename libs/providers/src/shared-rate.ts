import type { RateLimit } from '@app/bus'
import { abortableDelay, RetryLaterError } from '@app/runtime'
import type { Answered, CallLimits } from './calls.ts'
import type { ProviderFailure } from './failure.ts'
import type { ProviderSetup } from './providers-config.ts'

/** A turn that comes this soon is waited for in the run: cheaper than to begin the job again. */
const WAIT_HERE_MS = 2_000
const WAITS_HERE = 10

/** The requests that all processes may make of this model. */
export const rateOf = ({ provider, requestsPerMinute }: ProviderSetup, model: string): RateLimit => ({
  kind: 'rate',
  key: `${provider}/${model.replaceAll(/[\s{}]/g, '-').slice(0, 150)}`,
  permits: requestsPerMinute,
  perMs: 60_000,
})

/** Draws a token. Where that takes longer than a moment, throws the error that puts the job off until then. */
export async function takeTurn(limits: CallLimits, rate: RateLimit, signal: AbortSignal): Promise<void> {
  for (let waits = 0; ; waits += 1) {
    try {
      await limits.take(rate)
      return
    } catch (error) {
      const isSoon = error instanceof RetryLaterError && error.retryAfterMs <= WAIT_HERE_MS
      if (!isSoon || waits >= WAITS_HERE) throw error
      await abortableDelay(error.retryAfterMs, signal)
    }
  }
}

/** Tells the limit how much the answer says is left. */
export async function learnLeft(
  limits: CallLimits,
  rate: RateLimit,
  { headers, usage }: Answered<unknown>,
): Promise<void> {
  if (!headers) return
  const usedTokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0)
  await limits.learn(rate, { status: 200, headers, usedTokens })
}

/** Tells the limit that it was refused; returns the failure with the wait until this job's own turn. */
export async function learnRefusal(
  limits: CallLimits,
  rate: RateLimit,
  failure: ProviderFailure,
): Promise<ProviderFailure> {
  const { headers, retryAfterMs } = failure
  const said = { ...(headers ? { headers } : {}), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  try {
    await limits.learn(rate, { status: 429, ...said })
    return failure
  } catch (error) {
    if (!(error instanceof RetryLaterError)) throw error
    return { ...failure, retryAfterMs: Math.max(error.retryAfterMs, retryAfterMs ?? 0) }
  }
}
