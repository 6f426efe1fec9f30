import { AsyncLocalStorage } from 'node:async_hooks'
import { abortableDelay, RetryLaterError, TimeoutError, withTimeout } from '@app/runtime'
import { toStorageError } from './supabase-errors.ts'

/** Runs one request to the storage, again if it was refused for the moment, and translates what went wrong. */
export type StorageCall = <T>(
  what: string,
  signal: AbortSignal | undefined,
  request: () => Promise<T>,
  limits?: { timeoutMs?: number },
) => Promise<T>

export interface StorageCalls {
  call: StorageCall
  /** `fetch` that stops with the call it is made in. */
  fetchInCall: typeof fetch
}

interface CallLimits {
  timeoutMs: number
  retryDelayMs: number
}

/** A second or two of trouble is bridged here; what lasts longer is the job's or the client's to wait out. */
const TRIES = 3

/**
 * Deadlines, cancellation and retries around requests. The SDK takes no signal for most of what it does, so
 * each call's signal travels beside it.
 */
export function storageCalls({ timeoutMs, retryDelayMs }: CallLimits): StorageCalls {
  const signals = new AsyncLocalStorage<AbortSignal>()

  const once = <T>(signal: AbortSignal | undefined, request: () => Promise<T>, limitMs: number) =>
    withTimeout(
      (expired) => signals.run(signal ? AbortSignal.any([signal, expired]) : expired, request),
      limitMs,
      'storage-timeout',
    )

  return {
    async call(what, signal, request, limits = {}) {
      for (let tries = 1; ; tries++) {
        signal?.throwIfAborted()
        try {
          return await once(signal, request, limits.timeoutMs ?? timeoutMs)
        } catch (thrown) {
          signal?.throwIfAborted()
          const error = toStorageError(what, thrown)
          if (!isWorthTrying(error) || tries === TRIES) throw error
          await abortableDelay(
            Math.max(retryDelayMs * tries, Math.min(waitOf(error), retryDelayMs * 4)),
            signal,
          )
        }
      }
    },
    fetchInCall: (input, init) => {
      const signal = signals.getStore()
      return fetch(input, signal ? { ...init, signal } : init)
    },
  }
}

function isWorthTrying(error: Error): boolean {
  return error instanceof RetryLaterError && !(error.cause instanceof TimeoutError)
}

function waitOf(error: Error): number {
  return error instanceof RetryLaterError ? error.retryAfterMs : 0
}
