import type { ReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { RetryLaterError, TimeoutError, withTimeout } from '@app/runtime'

const TIMED_OUT = 'storage-timeout'
/** A disk that hangs is a network share whose server is away, more often than not: give it a while. */
const RETRY_MS = 5_000

export interface Deadline {
  timeoutMs: number
  signal?: AbortSignal | undefined
}

/**
 * Fails with RetryLaterError `storage-timeout` when the disk has not answered in time. The kernel's call can't be
 * taken back: work that is let go through later must look at its signal and leave nothing behind.
 */
export async function withDeadline<T>(
  what: string,
  { timeoutMs, signal }: Deadline,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withTimeout(
      (expired) => work(signal ? AbortSignal.any([signal, expired]) : expired),
      timeoutMs,
      TIMED_OUT,
    )
  } catch (thrown) {
    if (!(thrown instanceof TimeoutError) || thrown.code !== TIMED_OUT) throw thrown
    throw new RetryLaterError(TIMED_OUT, `the disk did not answer in time: ${what}`, {
      retryAfterMs: RETRY_MS,
      cause: thrown,
    })
  }
}

/** The same bytes, with a deadline for each piece that the reader asks for: a slow reader is no fault of the disk. */
export function piecesInTime(source: ReadStream, what: string, timeoutMs: number): Readable {
  const pieces = Readable.from(piecesOf(source, what, timeoutMs), { objectMode: false })
  // A reader that leaves before the first piece never starts the generator, and the file would stay open.
  return pieces.once('close', () => source.destroy())
}

async function* piecesOf(source: ReadStream, what: string, timeoutMs: number) {
  const pieces: AsyncIterator<Buffer> = source[Symbol.asyncIterator]()
  for (;;) {
    const { done, value } = await withDeadline(what, { timeoutMs }, () => pieces.next())
    if (done) return
    yield value
  }
}
