import { FatalError, RetryLaterError, type Secret } from '@app/runtime'
import type { Answered, ProviderCall, Usage } from './calls.ts'
import { MOST_TIMEOUT_MS } from './clients.ts'
import { ProviderAnswerError, type ProviderFailure } from './failure.ts'
import { geminiFailure } from './failures/gemini-failure.ts'
import { timedOut } from './failures/network-failure.ts'
import { openaiFailure } from './failures/openai-failure.ts'
import { revaiFailure } from './failures/revai-failure.ts'
import { redacted, redactedError } from './redact.ts'

const FAILURES = { openai: openaiFailure, gemini: geminiFailure, revai: revaiFailure }

/** How a call ended: with an answer, a failure of the provider's, or an error that is not about the provider. */
export type CallEnd<T> =
  | { kind: 'answered'; answered: Answered<T> }
  | { kind: 'failed'; failure: ProviderFailure; cause: Error; usage?: Answered<T>['usage'] }
  | { kind: 'thrown'; error: unknown }

/** Makes one call, within its time. Never rejects, and waits for no work that does not heed its signal. */
export async function makeCall<T>(
  call: Pick<ProviderCall, 'provider' | 'signal' | 'timeoutMs' | 'isAwaited'>,
  work: (signal: AbortSignal) => Promise<Answered<T>>,
  secrets: readonly Secret[],
): Promise<CallEnd<T>> {
  const { provider } = call
  const timeout = AbortSignal.timeout(mostMs(call))
  const signal = AbortSignal.any([call.signal, timeout])
  try {
    signal.throwIfAborted()
    const answered = await orAborted(Promise.try(work, signal), signal)
    return { kind: 'answered', answered: { ...answered, usage: counted(answered.usage) } }
  } catch (thrown) {
    if (call.signal.aborted) return { kind: 'thrown', error: call.signal.reason }
    const cause = redactedError(thrown, secrets)
    if (timeout.aborted) {
      return { kind: 'failed', failure: { ...timedOut(provider), isOutage: !call.isAwaited }, cause }
    }
    // Decided by whoever threw it: a call inside the work, or the work itself.
    if (thrown instanceof FatalError || thrown instanceof RetryLaterError)
      return { kind: 'thrown', error: thrown }
    const failure = FAILURES[provider](thrown)
    const usage = thrown instanceof ProviderAnswerError ? counted(thrown.usage) : undefined
    return {
      kind: 'failed',
      failure: { ...failure, sentence: redacted(failure.sentence, secrets) },
      cause,
      usage,
    }
  }
}

/** What compatible servers say was used: what is no count would make a budget larger, or could not be written down. */
function counted(usage: Usage = {}): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, used]) => Number.isFinite(used) && used >= 0))
}

/** Rev.ai is not asked by Node's fetch, and an upload to it may take longer than that bears. */
const mostMs = ({ provider, timeoutMs }: Pick<ProviderCall, 'provider' | 'timeoutMs'>): number =>
  Math.ceil(provider === 'revai' ? timeoutMs : Math.min(timeoutMs, MOST_TIMEOUT_MS))

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
    // What is left behind has nobody to tell.
    work.catch(() => {})
  }
}
