/** Final: retrying cannot help. The job becomes a dead letter at once; an HTTP request gets the code's status. */
export class FatalError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'FatalError'
    this.code = code
  }
}

/** Not now: costs the job no attempt and holds no slot; it comes back after `retryAfterMs`. */
export class RetryLaterError extends Error {
  readonly code: string
  readonly retryAfterMs: number

  constructor(code: string, message: string, options: { retryAfterMs: number; cause?: unknown }) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'RetryLaterError'
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}

/**
 * Not now, for a reason that lies outside of the job: nothing is counted, and waiting makes it no older, because it is
 * we who make it wait.
 */
export class PutOffError extends RetryLaterError {
  /** What it waits for, as operators see it: `rate:openai/gpt-x`, `provider:openai`. */
  readonly waitingFor: string

  constructor(
    code: string,
    message: string,
    { waitingFor, ...options }: { waitingFor: string; retryAfterMs: number; cause?: unknown },
  ) {
    super(code, message, options)
    this.name = 'PutOffError'
    this.waitingFor = waitingFor
  }
}

/** An Error whatever was thrown: SDKs exist that throw plain objects (revai-node-sdk does). */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(describe(thrown), { cause: thrown })
}

function describe(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  try {
    return JSON.stringify(thrown) ?? String(thrown)
  } catch {
    return String(thrown)
  }
}
