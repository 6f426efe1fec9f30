import { isConnectionError } from '@app/db'
import { withTimeout } from '@app/runtime'

const ASK_EVERY_MS = 500
const ASK_TIMEOUT_MS = 2_000

interface PostgresGateOptions {
  /** Resolves when Postgres answers. */
  ping: () => Promise<unknown>
  onAway: (error: unknown) => void
  onBack: () => void
}

/**
 * Shut from the first statement that finds Postgres away until it answers again: a ticket that can't be claimed is
 * better left to those who can claim it, and read again and again it would only go round.
 */
export function createPostgresGate({ ping, onAway, onBack }: PostgresGateOptions) {
  let isAway = false
  let askAtMs = 0

  return {
    /** Asked before each read; asks Postgres itself now and then while it is away. */
    isOpen(): boolean {
      if (isAway && performance.now() >= askAtMs) ask()
      return !isAway
    },

    /** Passes an answer of Postgres on, and learns from it. */
    async heed<T>(answer: Promise<T>): Promise<T> {
      try {
        return await answer
      } catch (error) {
        if (!isAway && isConnectionError(error)) {
          isAway = true
          onAway(error)
        }
        throw error
      }
    },
  }

  function ask(): void {
    askAtMs = performance.now() + ASK_TIMEOUT_MS + ASK_EVERY_MS
    withTimeout(ping, ASK_TIMEOUT_MS, 'postgres-silent').then(
      () => {
        isAway = false
        onBack()
      },
      () => {
        askAtMs = performance.now() + ASK_EVERY_MS
      },
    )
  }
}

export type PostgresGate = ReturnType<typeof createPostgresGate>
