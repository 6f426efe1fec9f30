import { isConnectionError } from '@app/db'
import { abortableDelay } from '@app/runtime'

const FIRST_DELAY_MS = 100
const MOST_DELAY_MS = 2_000

/**
 * Repeats a write while Postgres is away: what a run has worked out is not thrown away for a restart of the database.
 * `write` must find out by itself whether its last try took effect. Any other error is thrown on; so is the
 * connection's once the signal fires, which is asked for only when a first try has failed.
 */
export async function persist<T>(
  write: () => Promise<T>,
  patience: AbortSignal | (() => AbortSignal),
): Promise<T> {
  let signal: AbortSignal | undefined
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MOST_DELAY_MS)) {
    try {
      return await write()
    } catch (error) {
      if (!isConnectionError(error)) throw error
      signal ??= typeof patience === 'function' ? patience() : patience
      if (signal.aborted) throw error
      await abortableDelay(delayMs, signal).catch(() => {})
    }
  }
}
