import { asError } from './errors.ts'
import type { Logger } from './log.ts'
import type { Part } from './service.ts'
import { abortableDelay } from './time.ts'

interface RepeatingOptions {
  name: string
  /** Asked anew for each pause where it is a function. */
  everyMs: number | (() => number)
  log: Logger
  /** Aborted at the stop, which waits for it. */
  work: (signal: AbortSignal) => Promise<void>
}

/**
 * Does `work` from start to stop, with a pause of about `everyMs` after each time: a quarter more or less, so that
 * processes started together don't come together. A failure is logged and tried again at the next turn.
 */
export function repeating({
  name,
  everyMs,
  log,
  work,
}: RepeatingOptions): Required<Pick<Part, 'name' | 'start' | 'stop'>> {
  const stopping = new AbortController()
  let loop = Promise.resolve()
  return {
    name,
    start() {
      loop = run(stopping.signal)
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await work(signal).catch((error) => log.debug({ err: asError(error) }, `${name} put off`))
      const pauseMs = typeof everyMs === 'function' ? everyMs() : everyMs
      await abortableDelay(pauseMs * (0.75 + Math.random() / 2), signal).catch(() => {})
    }
  }
}
