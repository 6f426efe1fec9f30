import { writeSync } from 'node:fs'
import type { DestinationStream } from 'pino'

const RETRY_MS = 2
const MAX_RETRIES = 100

type Write = (fd: number, bytes: Uint8Array) => number

/**
 * Writes whole lines to a file descriptor before it returns, so that the line which says why a process died is
 * out before it is dead. pino's own destination keeps lines back, and at exit it tries for ever to write them to
 * a pipe nobody reads any more (sonic-boom 4.2.1, flushSync): such a process outlives its killed supervisor.
 */
export function lineOutput(fd: number, write: Write = writeSync): DestinationStream {
  let unwritten: Uint8Array = Buffer.alloc(0)
  let isClosed = false

  /** False while the reader is too slow: then the next line is dropped, for work matters more than its log. */
  const flush = (retries: number): boolean => {
    try {
      while (unwritten.length > 0) unwritten = unwritten.subarray(write(fd, unwritten))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN')
        return retries > 0 && waited() && flush(retries - 1)
      // EPIPE and the like: the reader is gone. Where to say so is gone with it.
      isClosed = true
      return true
    }
  }

  return {
    write(line) {
      if (isClosed || !flush(0)) return
      unwritten = Buffer.from(line)
      flush(MAX_RETRIES)
    },
  }
}

/** Blocks the thread: a pipe that is full is usually read within the next milliseconds. */
function waited(): true {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
  return true
}
