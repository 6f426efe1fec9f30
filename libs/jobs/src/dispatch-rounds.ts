import type { Bus } from '@app/bus'
import { admissionWindow, type Pace } from './admission.ts'
import { sendDue } from './dispatch.ts'
import type { DispatchOutlook } from './dispatch-outlook.ts'
import type { JobMetrics } from './job-metrics.ts'
import type { JobStore } from './job-store.ts'
import type { Windows } from './plan-admission.ts'
import type { SentJob } from './sent-tickets.ts'

/**
 * Until what a look finds due is sent, where the round had sent before it: it may be what had no place, or what fell due
 * or had its workers come in between.
 */
const SECOND_LOOK_MS = 100

interface RoundOptions {
  jobs: JobStore
  bus: Bus
  /** How long runs take here. */
  pace: Pace
  metrics: Pick<JobMetrics, 'dispatched'>
  /** Takes what was sent, to confirm it soon. */
  onSent: (sent: readonly SentJob[]) => unknown
  signal: AbortSignal
  /** Whether there is to be another round at once. */
  isPending: () => boolean
  /** Called with each look while a redrive runs. */
  onRedriving: () => void
  /** How long there is until the next look, where nothing falls due before. */
  mostSleepMs: number
}

/** A dispatcher's rounds: each is one look, and whatever it finds to do. */
export function dispatchRounds({ jobs, bus, pace, metrics, mostSleepMs, ...options }: RoundOptions) {
  const { onSent, isPending, onRedriving, signal } = options
  let isTold = false
  let known: { slots: DispatchOutlook['slots']; until: number } | undefined

  return {
    /** Something is due: the next round sends first, and looks then. */
    tell() {
      isTold = true
    },

    /** Returns how many tickets it sent, and when the next job falls due, as `performance.now()` counts. */
    async round(): Promise<{ sent: number; nextDueAt: number }> {
      const early = await sendIfTold()
      // It will be back before anything else can fall due.
      if (early !== undefined && isPending()) return { sent: early, nextDueAt: performance.now() }
      const outlook = await jobs.dispatchOutlook()
      const { isDue, hasStaleMarks, isRedriving, nextDueMs = mostSleepMs, slots } = outlook
      const now = performance.now()
      known = { slots, until: now + mostSleepMs }
      if (isRedriving) onRedriving()
      const isLeft = hasStaleMarks || (isDue && early === undefined)
      const late = isLeft ? await send(slots, hasStaleMarks) : 0
      const waitMs = isDue && !isLeft ? Math.min(nextDueMs, SECOND_LOOK_MS) : nextDueMs
      return { sent: (early ?? 0) + late, nextDueAt: now + waitMs }
    },

    /** Sends what is due when no more rounds follow, and confirms it. */
    async last(): Promise<void> {
      const { slots } = await jobs.dispatchOutlook()
      await sendDue(jobs, bus, { windows: windowsOf(slots, pace) })
    },
  }

  /** By the slots that it saw last: who waits for a job to begin waits for one question less. Undefined where it can't. */
  async function sendIfTold(): Promise<number | undefined> {
    const mayBegin = isTold && known !== undefined && known.until > performance.now()
    isTold = false
    return mayBegin && known ? await send(known.slots, false) : undefined
  }

  async function send(slots: DispatchOutlook['slots'], staleMarks: boolean): Promise<number> {
    const sent = await sendDue(jobs, bus, { windows: windowsOf(slots, pace), staleMarks, signal, onSent })
    metrics.dispatched.inc(sent)
    return sent
  }
}

/** The windows of all queues with living workers. */
function windowsOf(slots: ReadonlyMap<string, number>, pace: Pace): Windows {
  const byQueue = [...slots].map(([queue, count]): [string, number] => [
    queue,
    admissionWindow({ slots: count, meanRunMs: pace.meanMs(queue) }),
  ])
  return { byQueue: new Map(byQueue), others: admissionWindow({ slots: 0, meanRunMs: undefined }) }
}
