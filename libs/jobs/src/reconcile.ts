import { type Bus, streamKey } from '@app/bus'
import type { Db } from '@app/db'
import { BATCH, type Dispatched } from './drift.ts'
import { type JobStore, jobStore } from './job-store.ts'

/** What was found out of step with Redis, and put right. */
export interface Drift {
  ticketsLost: number
  runsLost: number
  dependantsFreed: number
  parentsSettled: number
  parkedReleased: number
}

/** `putRight` for a database. */
export const reconcile = (db: Db, bus: Bus): Promise<Drift> => putRight(jobStore(db), bus)

/**
 * Puts right what Postgres and Redis disagree on, after Redis was emptied, lost writes, or a process died between
 * two steps: queued jobs whose ticket is gone, running jobs whose worker is silent and whose entry is gone, pending
 * jobs that wait for nothing any more, waiting parents whose children have all ended, parked jobs that every living
 * worker of their queue knows. Every update is guarded, so any number of processes may do this at once.
 */
export async function putRight(jobs: JobStore, bus: Bus): Promise<Drift> {
  const ticketsLost = await resendLostTickets(jobs, bus)
  const runsLost = await requeueLostRuns(jobs, bus)
  const dependantsFreed = await jobs.freeDependants()
  const parentsSettled = await jobs.settleParents()
  // Parked while the first worker that knows them started, perhaps. During an upgrade it is for those workers to say.
  const parkedReleased = await jobs.releaseParked({ most: 0 })
  await jobs.forgetDeadWorkers()
  return { ticketsLost, runsLost, dependantsFreed, parentsSettled, parkedReleased }
}

/** Queued jobs whose ticket is gone. */
const resendLostTickets = (jobs: JobStore, bus: Bus): Promise<number> =>
  inBatches(bus, jobs.sentAWhileAgo, jobs.withdrawTickets)

/** A silent worker whose entry still stands is the readers' business: they take the entry over. */
const requeueLostRuns = (jobs: JobStore, bus: Bus): Promise<number> =>
  inBatches(bus, jobs.runsOfTheSilent, jobs.requeueRuns)

/** Through all of them, in id order: a thousand whose entries stand must not hide one whose entry is gone. */
async function inBatches(
  bus: Bus,
  suspectsBehind: (afterId: string) => Promise<Dispatched[]>,
  putRight: (gone: readonly Dispatched[]) => Promise<number>,
): Promise<number> {
  let [count, after] = [0, '00000000-0000-0000-0000-000000000000']
  for (;;) {
    const rows = await suspectsBehind(after)
    const gone = await withoutEntry(bus, rows)
    if (gone.length > 0) count += await putRight(gone)
    const last = rows.at(-1)
    if (rows.length < BATCH || !last) return count
    after = last.id
  }
}

async function withoutEntry(bus: Bus, rows: readonly Dispatched[]): Promise<Dispatched[]> {
  const known = rows.filter((row) => row.entry_id !== null)
  const exist = await bus.entriesExist(
    known.map((row) => ({ stream: streamKey(bus.prefix, row.queue, row.lane), entryId: row.entry_id ?? '' })),
  )
  return [...rows.filter((row) => row.entry_id === null), ...known.filter((_, index) => !exist[index])]
}
