import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { asError, type Logger, type Part } from '@app/runtime'
import { reconcile } from './reconcile.ts'
import { createWaker } from './waker.ts'

const EVERY_MS = 10_000

interface ReconcilerOptions {
  db: Db
  bus: Bus
  log: Logger
  /** Called where something was put right and may be due. */
  onDrift: () => void
}

/** Compares Postgres with Redis every ten seconds, in every process: each finds only what the others left. */
export function createReconciler({ db, bus, log, onDrift }: ReconcilerOptions): Part {
  const stopping = new AbortController()
  const waker = createWaker()
  let loop = Promise.resolve()
  return {
    name: 'reconciler',
    start() {
      loop = run()
    },
    async stop() {
      stopping.abort()
      await loop
    },
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const drift = await reconcile(db, bus)
        if (Object.values(drift).some((count) => count > 0)) {
          log.warn(drift, 'jobs were out of step with Redis and are dispatched again')
          onDrift()
        }
      } catch (error) {
        log.debug({ err: asError(error) }, 'reconcile put off')
      }
      // Jitter, so that processes started together don't look together.
      await waker.sleep(EVERY_MS * (0.75 + Math.random() / 2), stopping.signal)
    }
  }
}
