import { type Bus, listenForHints } from '@app/bus'
import type { Db } from '@app/db'
import { asError, type Logger, type Part, withTimeout } from '@app/runtime'
import { dispatchDue, nextDueInMs } from './dispatch.ts'
import { createWaker } from './waker.ts'

/** Looks at least this often, whatever hints say: a hint may be lost. */
const MOST_SLEEP_MS = 2_000
const MOST_BACKOFF_MS = 5_000
/** A due row that another transaction holds would else be asked for again without a pause. */
const LEAST_SLEEP_MS = 20
const LAST_DISPATCH_MS = 2_000

const clamp = (ms: number): number => Math.min(Math.max(ms, LEAST_SLEEP_MS), MOST_SLEEP_MS)

interface DispatcherOptions {
  db: Db
  bus: Bus
  redisUrl: string
  log: Logger
}

export type Dispatcher = Part & {
  /** Something may be due now: looks at once. Never waits, never throws. */
  dispatchSoon: () => void
}

/** Sends tickets for what is due: at once when told, else when the next delayed job falls due. Any number may run. */
export function createDispatcher({ db, bus, redisUrl, log }: DispatcherOptions): Dispatcher {
  const stopping = new AbortController()
  const waker = createWaker()
  let loop = Promise.resolve()
  let hints: { disconnect: () => void } | undefined

  return {
    name: 'dispatcher',
    dispatchSoon: waker.wake,
    start() {
      hints = listenForHints({
        bus,
        url: redisUrl,
        onCancelled: () => {},
        onWake: waker.wake,
        onError: () => {},
      })
      loop = run()
    },
    async stop() {
      stopping.abort()
      hints?.disconnect()
      await loop
      // What consumers handed back while they stopped goes to others at once.
      await withTimeout(dispatchDue(db, bus), LAST_DISPATCH_MS, 'last-dispatch').catch(() => {})
    },
  }

  async function run(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      let sleepMs = MOST_SLEEP_MS
      try {
        await dispatchDue(db, bus, stopping.signal)
        sleepMs = clamp((await nextDueInMs(db)) ?? MOST_SLEEP_MS)
        failures = 0
      } catch (error) {
        failures += 1
        sleepMs = Math.min(200 * 2 ** failures, MOST_BACKOFF_MS)
        // Once per outage: the rows wait, nothing is lost.
        if (failures === 1)
          log.warn({ err: asError(error) }, 'tickets can not be sent, jobs wait in Postgres')
      }
      await waker.sleep(sleepMs, stopping.signal)
    }
  }
}
