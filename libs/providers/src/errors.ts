import { FatalError, PutOffError, RetryLaterError } from '@app/runtime'
import type { ProviderFailure } from './failure.ts'

/** Where a stop does not say when it is worth asking again. */
const ASK_AGAIN_MS = 60_000
const SOON_MS = 1_000

/** A call failed, and may succeed when it is tried again: costs the job an attempt. */
export class ProviderError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ProviderError'
    this.code = code
  }
}

/**
 * The provider is not asked until somebody has mended what `message` says, or until it works again: jobs are put off,
 * at no cost. Whoever has another provider may go on with that one.
 */
export class ProviderStoppedError extends PutOffError {
  constructor(message: string, options: { waitingFor: string; retryAfterMs: number; cause?: unknown }) {
    super('provider-stopped', message, options)
    this.name = 'ProviderStoppedError'
  }
}

/** The error of ours that a failure becomes. `cause` must hold no key. */
export function errorOf(
  { kind, code, sentence, retryAfterMs, stops }: ProviderFailure,
  { provider, model, cause }: { provider: string; model: string; cause?: unknown },
): Error {
  switch (kind) {
    case 'fatal':
      return new FatalError(code, sentence, { cause })
    case 'retry':
      return new ProviderError(code, sentence, { cause })
    case 'retry-later':
      return new RetryLaterError(code, sentence, { retryAfterMs: retryAfterMs ?? SOON_MS, cause })
    case 'stop':
      return new ProviderStoppedError(sentence, {
        waitingFor: stops === 'model' ? `provider:${provider}/${model}` : `provider:${provider}`,
        retryAfterMs: retryAfterMs ?? ASK_AGAIN_MS,
        cause,
      })
  }
}
