/** Node fires longer timers at once, with a warning. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Unmarked on purpose: what took too long once may be quick the next time, so a job is retried. */
export class TimeoutError extends Error {
  readonly code: string

  constructor(code: string, timeoutMs: number) {
    super(`${code}: no answer within ${timeoutMs} ms`)
    this.name = 'TimeoutError'
    this.code = code
  }
}

/**
 * Rejects with a TimeoutError carrying `code` once `timeoutMs` is over.
 * Give a function rather than a promise where the work can be stopped: its signal is aborted then.
 */
export async function withTimeout<T>(
  work: PromiseLike<T> | ((signal: AbortSignal) => T | PromiseLike<T>),
  timeoutMs: number,
  code: string,
): Promise<T> {
  const controller = new AbortController()
  const expired = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => {
      const error = new TimeoutError(code, timeoutMs)
      expired.reject(error)
      controller.abort(error)
    },
    Math.min(timeoutMs, MAX_TIMER_MS),
  )
  try {
    // Promise.try: a check that throws instead of rejecting is still just a failure.
    const result = typeof work === 'function' ? Promise.try(work, controller.signal) : work
    return await Promise.race([result, expired.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves after `delayMs`; rejects with the signal's reason as soon as that is aborted. */
export function abortableDelay(delayMs: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (signal?.aborted) return Promise.reject(signal.reason)

  const onAbort = () => {
    clearTimeout(timer)
    reject(signal?.reason)
  }
  const timer = setTimeout(
    () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    },
    Math.min(delayMs, MAX_TIMER_MS),
  )
  signal?.addEventListener('abort', onAbort, { once: true })
  return promise
}
