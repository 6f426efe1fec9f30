import type { Socket } from 'node:net'

/** Writes to a socket after a while, always in the order in which it was told to. */
export function delayLine(to: Socket) {
  const waiting: { dueMs: number; chunk: Buffer | undefined }[] = []
  let timer: NodeJS.Timeout | undefined
  to.on('close', () => clearTimeout(timer))

  return {
    send: (chunk: Buffer, delayMs: number) => put(chunk, delayMs),
    /** Ends the connection after all that was sent before. */
    end: (delayMs: number) => put(undefined, delayMs),
  }

  function put(chunk: Buffer | undefined, delayMs: number): void {
    waiting.push({ dueMs: performance.now() + delayMs, chunk })
    if (waiting.length === 1) flush()
  }

  function flush(): void {
    while (waiting[0]) {
      const waitMs = waiting[0].dueMs - performance.now()
      if (waitMs > 0) {
        timer = setTimeout(flush, waitMs)
        return
      }
      write(waiting.shift()?.chunk)
    }
  }

  function write(chunk: Buffer | undefined): void {
    if (to.destroyed) return
    if (chunk) to.write(chunk)
    else to.end()
  }
}
