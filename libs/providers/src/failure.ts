import type { Usage } from './calls.ts'

/** What is to be done about a call that failed. */
export interface ProviderFailure {
  /**
   * - `retry`: the job is tried again, which costs one of its attempts.
   * - `retry-later`: it comes back after `retryAfterMs`, at no cost.
   * - `fatal`: the same input would fail again.
   * - `stop`: no call would succeed until somebody pays, or mends the configuration: nobody asks meanwhile.
   */
  kind: 'retry' | 'retry-later' | 'fatal' | 'stop'
  /** Kebab-case, such as `provider-key-refused`. */
  code: string
  /** One sentence for whoever waits for the job. Names no key. */
  sentence: string
  /** For `retry-later`; for `stop`, when it is worth asking again, where that is known. */
  retryAfterMs?: number
  /** For `stop`: whether other models of this provider are concerned as well. Default: the provider. */
  stops?: 'provider' | 'model'
  /** Counts towards the circuit: the provider does not work, whatever it is asked. */
  isOutage?: boolean
  status?: number
  headers?: { get(name: string): string | null }
}

/** A failure that an adapter sees in an answer of status 200: a refusal, a cut-off text, a failed remote job. */
export class ProviderAnswerError extends Error {
  readonly failure: ProviderFailure
  /** What the useless answer cost all the same. */
  readonly usage: Usage | undefined

  constructor(failure: ProviderFailure, usage?: Usage) {
    super(failure.sentence)
    this.name = 'ProviderAnswerError'
    this.failure = failure
    this.usage = usage
  }
}
