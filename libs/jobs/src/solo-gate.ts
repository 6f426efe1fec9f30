import { abortableDelay } from '@app/runtime'

/** How long the gate may wait before it looks again whether anybody asked it to stop. */
const LOOK_EVERY_MS = 60_000

/**
 * Lets a job with a crash behind it run alone in its process: while it waits or runs nothing else begins. So the job
 * that ends processes is found out by itself, and no neighbour is ever blamed for it.
 */
export function createSoloGate() {
  let running = 0
  let soloists = 0
  let changed = Promise.withResolvers<void>()
  const tell = () => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }

  return {
    /** False while somebody runs alone, or waits to. */
    isOpen: (): boolean => soloists === 0,

    /** Begins an ordinary run; returns how to end it, or undefined where the gate is shut. */
    enter(): (() => void) | undefined {
      if (soloists > 0) return undefined
      running += 1
      return once(() => {
        running -= 1
        tell()
      })
    },

    /** Shuts the gate, waits until everything else has ended, and begins. Rejects with the signal's reason. */
    async enterAlone(signal: AbortSignal): Promise<() => void> {
      soloists += 1
      try {
        while (running > 0) {
          signal.throwIfAborted()
          const look = new AbortController()
          const either = AbortSignal.any([signal, look.signal])
          await Promise.race([changed.promise, abortableDelay(LOOK_EVERY_MS, either).catch(() => {})])
          look.abort()
        }
        signal.throwIfAborted()
      } catch (error) {
        soloists -= 1
        tell()
        throw error
      }
      // A second soloist waits for the first as for any other run.
      running += 1
      return once(() => {
        running -= 1
        soloists -= 1
        tell()
      })
    },
  }
}

export type SoloGate = ReturnType<typeof createSoloGate>

function once(work: () => void): () => void {
  let done = false
  return () => {
    if (!done) work()
    done = true
  }
}
