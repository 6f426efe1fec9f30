import { asError, FatalError, RetryLaterError, TimeoutError } from '@app/runtime'

/** An answer of the storage service that isn't success, before it is translated. */
export class StorageRefusal extends Error {
  readonly status: number
  readonly statusCode: string
  readonly code: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    status: number,
    body: { statusCode?: unknown; code?: unknown; message?: unknown },
    retryAfterMs?: number,
  ) {
    super(typeof body.message === 'string' ? body.message : `status ${status}`)
    this.name = 'StorageRefusal'
    this.status = status
    this.statusCode = String(body.statusCode ?? status)
    this.code = typeof body.code === 'string' ? body.code : undefined
    this.retryAfterMs = retryAfterMs
  }
}

const RETRY_MS = 5_000

/** Reads an answer that isn't success: JSON, or a proxy's HTML. */
export async function ofResponse(response: Response): Promise<StorageRefusal> {
  const text = await response.text().catch(() => '')
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new StorageRefusal(
    response.status,
    parsed(text),
    Number.isFinite(seconds) ? seconds * 1000 : undefined,
  )
}

function parsed(text: string): object {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}

/** Whether the service said that the object isn't there. A missing bucket is not the same: that is our mistake. */
export function isNotFound(error: unknown): boolean {
  const { status, code } = factsOf(error)
  return code ? code === 'NoSuchKey' : status === 404
}

const FATAL: Record<string, string> = {
  NoSuchKey: 'object-not-found',
  InvalidKey: 'object-key-invalid',
  EntityTooLarge: 'object-too-large',
  InvalidMimeType: 'object-type-refused',
}

/**
 * What the SDK or a request threw, as an error of ours. Storage answers 400 to nearly everything: the real
 * status is a string in the body (supabase/storage, error-handler).
 */
export function toStorageError(what: string, thrown: unknown): Error {
  if (thrown instanceof FatalError || thrown instanceof RetryLaterError) return thrown
  const cause = asError(thrown)
  const { status, code, retryAfterMs = RETRY_MS } = factsOf(thrown)
  const fatal =
    FATAL[code ?? ''] ??
    (status === 404 && !code ? 'object-not-found' : status === 413 ? 'object-too-large' : undefined)
  if (fatal) return new FatalError(fatal, `storage refused to ${what}: ${cause.message}`, { cause })
  if (cause instanceof TimeoutError) {
    return new RetryLaterError('storage-timeout', `storage did not answer in time: ${what}`, {
      retryAfterMs,
      cause,
    })
  }
  if (status === undefined) {
    return new RetryLaterError('storage-unreachable', `storage could not be reached to ${what}`, {
      retryAfterMs,
      cause,
    })
  }
  if (status === 429 || status === 423 || status === 408 || status >= 500) {
    return new RetryLaterError('storage-busy', `storage is busy (${status}): ${what}`, {
      retryAfterMs,
      cause,
    })
  }
  // A wrong key or a missing bucket: retried, for it is mended in the configuration and not in the job.
  return new Error(`storage refused to ${what} (${status} ${code ?? ''}): ${cause.message}`, { cause })
}

/** From our `StorageRefusal` or the SDK's `StorageApiError`, which have the same fields; others have no status. */
function factsOf(error: unknown): { status?: number; code?: string; retryAfterMs?: number } {
  if (typeof error !== 'object' || error === null || !('status' in error)) return {}
  const { status, statusCode, code, retryAfterMs } = error as Partial<StorageRefusal>
  const real = Number(statusCode)
  return {
    ...(status === undefined ? {} : { status: Number.isInteger(real) && real >= 400 ? real : status }),
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}
