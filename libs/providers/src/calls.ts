import type { Limit, ProviderAnswer, RateLimit } from '@app/bus'
import type { ProviderName } from './providers-config.ts'

/** What a call used, as far as the provider says so. */
export interface Usage {
  /** All that was read, what came from the provider's cache included. */
  inputTokens?: number | undefined
  cachedInputTokens?: number | undefined
  outputTokens?: number | undefined
  /** Of sound, as billed. */
  seconds?: number | undefined
  /** Where the provider itself says what it cost; else it is worked out from the prices we know. */
  costUsd?: number | undefined
}

/** One call to a provider, and for whom. */
export interface ProviderCall {
  provider: ProviderName
  model: string
  /** What is asked of it, such as `transcribe`: how spending is told apart. */
  operation: string
  jobId?: string | undefined
  ownerId?: string | undefined
  /** The run's: when it fires, the call ends with its reason. */
  signal: AbortSignal
  /** From the call to the end of its answer; 290 s at most, but for Rev.ai, which takes long uploads. */
  timeoutMs: number
  /** Somebody waits for the answer: `timeoutMs` is how long they do, and whoever outlasts it has no outage. */
  isAwaited?: boolean | undefined
  /** The run context's. Without it the call draws no token of the provider's rate: for those who wait for an answer. */
  limits?: CallLimits | undefined
}

/** Of `RunContext.limits`. */
export interface CallLimits {
  take(...limits: readonly Limit[]): Promise<void>
  learn(limit: RateLimit, answer: ProviderAnswer): Promise<void>
}

/** What a call brought. */
export interface Answered<T> {
  value: T
  usage?: Usage | undefined
  /** The answer's, where the SDK shows them: they say how much may still be asked. */
  headers?: { get(name: string): string | null } | undefined
}

/** The one way to a provider. */
export interface ProviderCalls {
  /**
   * Asks, within limits and budget, and writes down what it cost. `work` gets a signal that fires on cancel and on
   * time-out. Throws, always with a code and a sentence for the user: `FatalError`, `RetryLaterError`, or a
   * `ProviderError` that costs an attempt; or the signal's reason. No key is in any of them or their causes.
   */
  run<T>(call: ProviderCall, work: (signal: AbortSignal) => Promise<Answered<T>>): Promise<T>
}
