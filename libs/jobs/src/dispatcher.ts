import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { abortableDelay, asError, createWaker, type Logger, type Part, withTimeout } from '@app/runtime'
import { admissionWindow, createPace, type Pace } from './admission.ts'
import { createConfirmations } from './confirmations.ts'
import { sendDue } from './dispatch.ts'
import type { DispatchOutlook } from './dispatch-outlook.ts'
import { createJobMetrics, type JobMetrics } from './job-metrics.ts'
import { type JobStore, jobStore } from './job-store.ts'
import type { Windows } from './plan-admission.ts'

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
}

export type Dispatcher = Part & {
  /** Something is due now: sends at once. Never waits, never throws. */
  dispatchSoon: () => void
  /** Something that is due may have a place now: looks at once. Never waits, never throws. */
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
}: DispatcherOptions): Dispatcher {
  const stopping = new AbortController()
  const waker = createWaker()
  const confirmations = createConfirmations(jobs)
  let loop = Promise.resolve()
  let hints: { disconnect: () => void } | undefined
  let isTold = false
  let known: { slots: DispatchOutlook['slots']; until: number } | undefined

  return {
    name: 'dispatcher',
    dispatchSoon() {
      isTold = true
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
        const { slots } = await jobs.dispatchOutlook()
        await sendDue(jobs, bus, { windows: windowsOf(slots, pace) })
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
        const { sent, nextDueAt } = await round()
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

  /** One look, and whatever it finds to do; whoever is told what to do does it first, and looks then. */
  async function round(): Promise<{ sent: number; nextDueAt: number }> {
    const early = await sendIfTold()
    // It will be back before anything else can fall due.
    if (early !== undefined && waker.isPending()) return { sent: early, nextDueAt: performance.now() }
    const { isDue, hasStaleMarks, nextDueMs = MOST_SLEEP_MS, slots } = await jobs.dispatchOutlook()
    const now = performance.now()
    known = { slots, until: now + MOST_SLEEP_MS }
    const isLeft = hasStaleMarks || (isDue && early === undefined)
    const late = isLeft ? await send(slots, hasStaleMarks) : 0
    return { sent: (early ?? 0) + late, nextDueAt: now + nextDueMs }
  }

  /** By the slots that it saw last: who waits for a job to begin waits for one question less. Undefined where it can't. */
  async function sendIfTold(): Promise<number | undefined> {
    const mayBegin = isTold && known !== undefined && known.until > performance.now()
    isTold = false
    return mayBegin && known ? await send(known.slots, false) : undefined
  }

  async function send(slots: DispatchOutlook['slots'], staleMarks: boolean): Promise<number> {
    const options = { windows: windowsOf(slots, pace), staleMarks, signal: stopping.signal }
    const sent = await sendDue(jobs, bus, { ...options, onSent: confirmations.add })
    metrics.dispatched.inc(sent)
    return sent
  }
}

async function delayUntil(at: number, signal: AbortSignal): Promise<void> {
  await abortableDelay(Math.max(at - performance.now(), 0), signal).catch(() => {})
}

/** The windows of all queues with living workers. */
function windowsOf(slots: ReadonlyMap<string, number>, pace: Pace): Windows {
  const byQueue = [...slots].map(([queue, count]): [string, number] => [
    queue,
    admissionWindow({ slots: count, meanRunMs: pace.meanMs(queue) }),
  ])
  return { byQueue: new Map(byQueue), others: admissionWindow({ slots: 0, meanRunMs: undefined }) }
}
