import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { abortableDelay, asError, createWaker, type Logger, type Part, withTimeout } from '@app/runtime'
import { createPace, type Pace } from './admission.ts'
import { createConfirmations } from './confirmations.ts'
import { dispatchRounds } from './dispatch-rounds.ts'
import { createJobMetrics, type JobMetrics } from './job-metrics.ts'
import { type JobStore, jobStore } from './job-store.ts'

/** Looks at least this often, whatever hints say: a hint may be lost. */
const MOST_SLEEP_MS = 2_000
const MOST_BACKOFF_MS = 5_000
/** A timer may fire a little before the job that it is for falls due. */
const LEAST_SLEEP_MS = 20
const LAST_DISPATCH_MS = 2_000
/** Under load rounds begin this far apart: each then sends more, for about the same price. An idle queue never waits. */
const ROUND_MS = 8

const clamp = (ms: number): number => Math.min(Math.max(ms, LEAST_SLEEP_MS), MOST_SLEEP_MS)

interface DispatcherOptions {
  db: Db
  /** Default: this database's. */
  jobs?: JobStore | undefined
  bus: Bus
  redisUrl: string
  log: Logger
  /** How long runs take here, where jobs run here. */
  pace?: Pace
  /** Nobody sees it where it is left out. */
  metrics?: JobMetrics
  /** Called with each look while a redrive runs. */
  onRedriving?: () => void
}

export type Dispatcher = Part & {
  /** Something is due now: sends at once. Never waits, never throws. */
  dispatchSoon: () => void
  /** Something that is due may have a place now, or something falls due later: looks at once. Never waits, never throws. */
  lookSoon: () => void
}

/** Sends tickets for what is due: at once when told, else when the next delayed job falls due. Any number may run. */
export function createDispatcher({
  db,
  jobs = jobStore(db),
  bus,
  redisUrl,
  log,
  pace = createPace(),
  metrics = createJobMetrics(),
  onRedriving = () => {},
}: DispatcherOptions): Dispatcher {
  const stopping = new AbortController()
  const waker = createWaker()
  const confirmations = createConfirmations(jobs)
  const rounds = dispatchRounds({
    ...{ jobs, bus, pace, metrics, mostSleepMs: MOST_SLEEP_MS },
    ...{ onSent: confirmations.add, isPending: waker.isPending, onRedriving, signal: stopping.signal },
  })
  let loop = Promise.resolve()
  let hints: { disconnect: () => void } | undefined

  return {
    name: 'dispatcher',
    dispatchSoon() {
      rounds.tell()
      waker.wake()
    },
    lookSoon: waker.wake,
    start() {
      hints = bus.listenForHints({
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
      const last = async () => {
        await confirmations.flush()
        await rounds.last()
      }
      await withTimeout(last(), LAST_DISPATCH_MS, 'last-dispatch').catch(() => {})
    },
  }

  async function run(): Promise<void> {
    const { signal } = stopping
    let failures = 0
    while (!signal.aborted) {
      let sleepMs = MOST_SLEEP_MS
      try {
        const nextRoundAt = performance.now() + ROUND_MS
        const { sent, nextDueAt } = await rounds.round()
        // Told of more meanwhile: it looks again at once, whenever the next delayed job may be due.
        if (!waker.isPending()) sleepMs = clamp(nextDueAt - performance.now())
        else if (sent > 0) await delayUntil(nextRoundAt, signal)
        failures = 0
      } catch (error) {
        failures += 1
        metrics.dispatchErrors.inc()
        sleepMs = Math.min(200 * 2 ** failures, MOST_BACKOFF_MS)
        // Once per outage: the rows wait, nothing is lost.
        if (failures === 1)
          log.warn({ err: asError(error) }, 'tickets can not be sent, jobs wait in Postgres')
      }
      await waker.sleep(sleepMs, signal)
    }
  }
}

async function delayUntil(at: number, signal: AbortSignal): Promise<void> {
  await abortableDelay(Math.max(at - performance.now(), 0), signal).catch(() => {})
}
