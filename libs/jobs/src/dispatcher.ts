import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { abortableDelay, asError, createWaker, type Logger, type Part, withTimeout } from '@app/runtime'
import { admissionWindow, createPace, type Pace } from './admission.ts'
import { createConfirmations } from './confirmations.ts'
import { sendDue } from './dispatch.ts'
import { createJobMetrics, type JobMetrics } from './job-metrics.ts'
import { type JobStore, jobStore } from './job-store.ts'
import type { Windows } from './plan-admission.ts'

/** Looks at least this often, whatever hints say: a hint may be lost. */
const MOST_SLEEP_MS = 2_000
const MOST_BACKOFF_MS = 5_000
/** A due row that another transaction holds would else be asked for again without a pause. */
const LEAST_SLEEP_MS = 20
const LAST_DISPATCH_MS = 2_000
/** Under load rounds begin this far apart: each then sends more, for about the same price. An idle queue never waits. */
const ROUND_MS = 8
const SLOTS_EVERY_MS = 1_000
const STALE_MARKS_EVERY_MS = 1_000

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
}

export type Dispatcher = Part & {
  /** Something may be due now: looks at once. Never waits, never throws. */
  dispatchSoon: () => void
}

/** Sends tickets for what is due: at once when told, else when the next delayed job falls due. Any number may run. */
export function createDispatcher({
  db,
  jobs = jobStore(db),
  bus,
  redisUrl,
  log,
  pace,
  metrics = createJobMetrics(),
}: DispatcherOptions): Dispatcher {
  const stopping = new AbortController()
  const waker = createWaker()
  const windows = windowsOf(jobs, pace ?? createPace())
  const confirmations = createConfirmations(jobs)
  let loop = Promise.resolve()
  let hints: { disconnect: () => void } | undefined

  return {
    name: 'dispatcher',
    dispatchSoon: waker.wake,
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
        await sendDue(jobs, bus, { windows: await windows() })
      }
      await withTimeout(last(), LAST_DISPATCH_MS, 'last-dispatch').catch(() => {})
    },
  }

  async function run(): Promise<void> {
    let failures = 0
    let staleMarksAt = 0
    while (!stopping.signal.aborted) {
      let sleepMs = MOST_SLEEP_MS
      try {
        const staleMarks = performance.now() >= staleMarksAt
        if (staleMarks) staleMarksAt = performance.now() + STALE_MARKS_EVERY_MS
        const { signal } = stopping
        const nextRoundAt = performance.now() + ROUND_MS
        const options = { windows: await windows(), staleMarks, signal, onSent: confirmations.add }
        const sent = await sendDue(jobs, bus, options)
        metrics.dispatched.inc(sent)
        // Told of more meanwhile: it looks again at once, whenever the next delayed job may be due.
        if (!waker.isPending()) sleepMs = clamp((await jobs.nextDueInMs()) ?? MOST_SLEEP_MS)
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
      await waker.sleep(sleepMs, stopping.signal)
    }
  }
}

async function delayUntil(at: number, signal: AbortSignal): Promise<void> {
  await abortableDelay(Math.max(at - performance.now(), 0), signal).catch(() => {})
}

/** The windows of all queues with living workers. Their slots are asked for once a second. */
function windowsOf(jobs: JobStore, pace: Pace): () => Promise<Windows> {
  let slots = new Map<string, number>()
  let askAt = 0
  return async () => {
    if (performance.now() >= askAt) {
      slots = await jobs.liveSlots()
      askAt = performance.now() + SLOTS_EVERY_MS
    }
    const byQueue = new Map(
      [...slots].map(([queue, count]) => [
        queue,
        admissionWindow({ slots: count, meanRunMs: pace.meanMs(queue) }),
      ]),
    )
    return { byQueue, others: admissionWindow({ slots: 0, meanRunMs: undefined }) }
  }
}
