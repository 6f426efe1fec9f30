import { statfs } from 'node:fs/promises'
import { RetryLaterError } from './errors.ts'

/** On one machine the database and Redis live on the same disk, and fare worse without room than a job that waits. */
const SPARED_BYTES = 256 * 1024 ** 2
const RETRY_AFTER_MS = 60_000
/** Chains longer than this lead back to themselves. */
const MAX_CAUSES = 8
/**
 * As strerror has them, ENOSPC and EDQUOT, in a complaint: for tools that tell in words only. Titles and other tags, which
 * may say anything, are printed indented.
 */
const IN_WORDS = /^(?!\s).*(?:error|fail|write).*(?:No space left on device|Disk quota exceeded)/im

/** Room on a disk that a job has declared; given back at scope end (`using`). */
export interface Reservation extends Disposable {
  bytes: number
}

/**
 * Keeps count of what the jobs of this process may still write into a directory. What one has written already counts
 * twice, as taken and as promised, until it gives its room back: the count errs on the side of waiting. Other processes
 * are not seen: their files are, once written.
 */
export function createDiskSpace(directory: string) {
  let promisedBytes = 0
  return {
    /** Throws `RetryLaterError` `disk_full` where there is no room for so many bytes besides what is promised. */
    async reserve(bytes: number): Promise<Reservation> {
      const { bavail, bsize } = await statfs(directory)
      const freeBytes = Math.max(0, bavail * bsize - SPARED_BYTES - promisedBytes)
      if (bytes > freeBytes) throw noRoom(bytes, freeBytes)
      promisedBytes += bytes
      let isGivenBack = false
      return {
        bytes,
        [Symbol.dispose]() {
          if (!isGivenBack) promisedBytes -= bytes
          isGivenBack = true
        },
      }
    },
  }
}

/** What a full disk made fail, as `RetryLaterError` `disk_full`; everything else as it is. */
export function asDiskFull(thrown: unknown): unknown {
  return thrown instanceof RetryLaterError || !isDiskFull(thrown) ? thrown : diskFullError(thrown)
}

export function diskFullError(cause: unknown): RetryLaterError {
  const message = "The server's disk is full. It is tried again by itself."
  return new RetryLaterError('disk_full', message, { retryAfterMs: RETRY_AFTER_MS, cause })
}

/** Whether a tool's complaints say that the disk is full. */
export const saysDiskFull = (complaints: string): boolean => IN_WORDS.test(complaints)

function isDiskFull(thrown: unknown): boolean {
  let error = thrown
  for (let depth = 0; error instanceof Error && depth <= MAX_CAUSES; depth += 1) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOSPC' || code === 'EDQUOT') return true
    error = error.cause
  }
  return false
}

function noRoom(bytes: number, freeBytes: number): RetryLaterError {
  const message = `The server has no room for this right now: it may take ${inMegabytes(bytes)}, and ${inMegabytes(freeBytes)} are free. It is tried again by itself.`
  return new RetryLaterError('disk_full', message, { retryAfterMs: RETRY_AFTER_MS })
}

const inMegabytes = (bytes: number): string => `${Math.ceil(bytes / 1_000_000)} MB`
