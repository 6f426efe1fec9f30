import type { Lane } from '@app/contracts'
import {
  type DispatchOutlook,
  type Marked,
  planAdmission,
  type SentJob,
  type Share,
  type Standing,
  sendingOrder,
  type Windows,
} from '@app/jobs'
import type { Row, Transaction, WorkerRow } from './postgres.ts'

const MARK_MS = 5_000
const BATCH = 500
export const STALE_AFTER_MS = 15_000

const waits = (row: Row): boolean => row.status === 'queued' && row.dispatch_after === null
const isAlive = (now: number, { beatAt }: WorkerRow): boolean => beatAt > now - STALE_AFTER_MS

/**
 * What dispatchers ask and write: dispatch-outlook.ts, mark-due.ts and sent-tickets.ts. Who may send is the product's
 * own decision.
 */
export const dispatchStatements = {
  markDue(trx: Transaction, windows: Windows): Marked | undefined {
    if (!trx.tryAdvisoryLock()) return undefined
    const due = trx.rows((row) => waits(row) && row.run_at <= trx.now)
    if (due.length === 0) return { due: [], placesLeft: false }
    const plan = planAdmission(sharesOf(due), standingOf(trx), { windows, most: BATCH, tieBreak: 0 })
    const marked = plan.flatMap((admission) =>
      due
        .filter((row) => isSameShare(shareOf(row), admission))
        .sort((a, b) => a.run_at - b.run_at || (a.id < b.id ? -1 : 1))
        .filter((row) => trx.tryLock(row.id))
        .slice(0, admission.take)
        .map((row) => trx.update(row, { dispatch_after: trx.now + MARK_MS })),
    )
    const granted = plan.reduce((sum, { take }) => sum + take, 0)
    return {
      due: sendingOrder(marked.map(dueJob), plan),
      placesLeft: marked.length > 0 && marked.length < granted,
    }
  },

  confirmSent(trx: Transaction, sent: readonly SentJob[]): void {
    for (const { id, fence, entryId } of sent) {
      const row = trx.get(id)
      if (row?.status !== 'queued' || !trx.tryLock(id) || row.fence !== fence) continue
      trx.update(row, { dispatched_at: trx.now, entry_id: entryId })
    }
  },

  freeStaleMarks(trx: Transaction): number {
    const stale = staleMarks(trx).filter((row) => trx.tryLock(row.id))
    for (const row of stale) trx.update(row, { dispatch_after: null })
    return stale.length
  },

  dispatchOutlook(trx: Transaction): DispatchOutlook {
    const [due, later] = [
      trx.rows((row) => waits(row) && row.run_at <= trx.now),
      trx.rows((row) => waits(row) && row.run_at > trx.now),
    ]
    return {
      isDue: due.length > 0,
      hasStaleMarks: staleMarks(trx).length > 0,
      nextDueMs: later.length === 0 ? undefined : Math.min(...later.map(({ run_at }) => run_at)) - trx.now,
      isRedriving: false,
      slots: liveSlots(trx),
    }
  },

  livingWorkers: (trx: Transaction): Set<string> =>
    new Set([...trx.workers].filter(([, worker]) => isAlive(trx.now, worker)).map(([id]) => id)),
}

const staleMarks = (trx: Transaction): Row[] =>
  trx.rows(
    (row) => row.status === 'queued' && isPast(row.dispatch_after, trx.now) && row.dispatched_at === null,
  )

function liveSlots(trx: Transaction): Map<string, number> {
  const slots = new Map<string, number>()
  for (const worker of trx.workers.values()) {
    if (!isAlive(trx.now, worker)) continue
    for (const queue of worker.queues) slots.set(queue, (slots.get(queue) ?? 0) + worker.concurrency)
  }
  return slots
}

const isPast = (time: number | null, now: number): boolean => time !== null && time <= now

const shareOf = ({ queue, lane, owner_id }: Row): Share => ({ queue, lane, ownerId: owner_id })
const keyOf = ({ queue, lane, ownerId }: Share): string => `${queue} ${lane} ${ownerId}`
const isSameShare = (a: Share, b: Share): boolean => keyOf(a) === keyOf(b)

/** As the index has them: each once, lanes by name. */
const sharesOf = (rows: readonly Row[]): Share[] =>
  [...new Map(rows.map((row) => [keyOf(shareOf(row)), shareOf(row)])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, share]) => share)

function standingOf(trx: Transaction): Standing[] {
  const standing = new Map<string, Standing>()
  for (const row of trx.rows(
    (it) => it.status === 'running' || (it.status === 'queued' && it.dispatch_after !== null),
  )) {
    const share = shareOf(row)
    const held = standing.get(keyOf(share)) ?? { ...share, tickets: 0, running: 0 }
    if (row.status === 'running') held.running += 1
    else held.tickets += 1
    standing.set(keyOf(share), held)
  }
  return [...standing.values()]
}

const dueJob = (row: Row) => ({
  ...shareOf(row),
  id: row.id,
  type: row.type,
  fence: row.fence,
  traceparent: null,
  runAt: row.run_at / 1_000,
  lane: row.lane as Lane,
})
