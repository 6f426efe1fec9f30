import { Readable } from 'node:stream'
import { withTimeout } from '@app/runtime'
import { toStorageError } from './supabase-errors.ts'

interface BodyOptions {
  key: string
  /** Between two pieces, while the reader waits for the next: a slow reader is no fault of the storage. */
  idleTimeoutMs: number
  signal?: AbortSignal | undefined
}

/** A response's body as a stream that fails when the sender falls silent, breaks off, or is told to stop. */
export function readBody(body: ReadableStream<Uint8Array> | null, options: BodyOptions): Readable {
  return Readable.from(piecesOf(body, options), { objectMode: false })
}

async function* piecesOf(
  body: ReadableStream<Uint8Array> | null,
  { key, idleTimeoutMs, signal }: BodyOptions,
) {
  if (!body) return
  const reader = body.getReader()
  const onAbort = () => void reader.cancel(signal?.reason).catch(() => {})
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { done, value } = await withTimeout(reader.read(), idleTimeoutMs, 'storage-stalled')
      signal?.throwIfAborted()
      if (done) return
      yield value
    }
  } catch (thrown) {
    throw signal?.aborted ? signal.reason : toStorageError(`read ${key}`, thrown)
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await reader.cancel().catch(() => {})
  }
}
