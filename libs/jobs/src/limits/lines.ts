import { type Bus, limitName, parseLimitName } from '@app/bus'
import type { Db } from '@app/db'
import { callFirst, callWaiting, limitsWaitedFor } from './waiting-jobs.ts'

/** After Redis was emptied: these enter the line again, and then their turn calls the rest. */
const CALLED_FIRST = 10

export interface LinesOptions {
  db: Db
  bus: Bus
  dispatchSoon: () => void
}

/** The lines of jobs that wait for limits: Redis says whose turn it is, Postgres lets the job come. */
export function linesOf({ db, bus, dispatchSoon }: LinesOptions) {
  return {
    callNow,

    /** Heals each line that somebody waits in: calls that were lost, jobs that are gone, limits that were raised. */
    async review(): Promise<void> {
      for (const name of await limitsWaitedFor(db)) await reviewLine(name)
    },
  }

  /** Lets the jobs come whose turn it is at this key's slots; where one is gone, the next in its place. */
  async function callNow(key: string, called: readonly string[]): Promise<void> {
    let next = called
    while (next.length > 0) {
      const gone = await callWaiting(db, limitName({ kind: 'concurrency', key }), now(next))
      dispatchSoon()
      next = gone.length > 0 ? await bus.limits.callNext(key, gone) : []
    }
  }

  async function reviewLine(name: string): Promise<void> {
    const limit = parseLimitName(name)
    const missing = limit && (await bus.limits.missing(limit))
    if (!missing) return
    const gone = await callWaiting(db, name, now(missing))
    if (limit.kind === 'rate') {
      await callWaiting(db, name, await bus.limits.bringForward(limit.key, gone))
    } else {
      await callNow(limit.key, await bus.limits.callNext(limit.key, gone))
      const { waiting } = await bus.limits.holdersOf(limit.key)
      if (waiting === 0) await callFirst(db, name, CALLED_FIRST)
    }
    dispatchSoon()
  }
}

const now = (jobIds: readonly string[]) => jobIds.map((jobId) => ({ jobId, waitMs: 0 }))
