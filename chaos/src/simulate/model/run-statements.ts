import type { Claim, Holder, JobRow } from '@app/jobs'
import type { Bugs } from './planted-bugs.ts'
import { asJobRow, type Held, type Row, type Transaction } from './postgres.ts'

/** How runs write, and what going back to the queue writes. */
function fencedWrites(bugs: Bugs) {
  /** `stillMine`: every write of a run names its fence. */
  const mine = (trx: Transaction, { jobId, fence }: Held): Row | undefined => {
    const isMine = (row: Row | undefined) =>
      row?.status === 'running' && (row.fence === fence || bugs.has('no-fence'))
    if (!isMine(trx.get(jobId))) return undefined
    trx.lock(jobId)
    if (!isMine(trx.get(jobId))) return undefined
    trx.writers.push({ jobId, fence })
    return trx.get(jobId)
  }

  /** A guarded update; says whether it hit the row. */
  const write = (trx: Transaction, run: Held, set: (row: Row) => Partial<Row>): boolean => {
    const row = mine(trx, run)
    if (row) trx.update(row, set(row))
    return row !== undefined
  }

  const backInQueue = (row: Row): Partial<Row> => ({
    status: 'queued',
    fence: row.fence + 1,
    worker_id: null,
    entry_id: null,
    dispatch_after: null,
    ...(bugs.has('dispatched-at-not-cleared') ? {} : { dispatched_at: null }),
  })

  return { mine, write, backInQueue }
}

/** What runs of jobs write: each the model of one statement of libs/jobs. */
export function runStatements(bugs: Bugs) {
  const { mine, write, backInQueue } = fencedWrites(bugs)
  return {
    mine,

    claim(trx: Transaction, claims: readonly Claim[]): (JobRow | undefined)[] {
      const wanted = new Map<string, Claim>()
      for (const claim of claims) {
        const row = trx.get(claim.ticket.jobId)
        if (row && isClaimable(row, claim, bugs) && !wanted.has(row.id)) wanted.set(row.id, claim)
      }
      for (const id of [...wanted.keys()].sort()) trx.lock(id)
      const claimed = new Map([...wanted].map(([id, claim]) => [id, claimRow(trx, id, claim.holder)]))
      return claims.map(({ ticket, holder }) => {
        const row = claimed.get(ticket.jobId)
        return row?.entry_id === holder.entryId ? asJobRow(row) : undefined
      })
    },

    takeOver(trx: Transaction, jobId: string, { workerId, entryId }: Holder): JobRow | undefined {
      const isTheirs = (row: Row | undefined) =>
        row?.status === 'running' && row.entry_id === entryId && row.worker_id !== workerId
      if (!isTheirs(trx.get(jobId))) return undefined
      trx.lock(jobId)
      const row = trx.get(jobId)
      if (!row || !isTheirs(row)) return undefined
      const set = { worker_id: workerId, fence: row.fence + 1, alone: false, deliveries: row.deliveries + 1 }
      return asJobRow(trx.update(row, { ...set, ...crashed(row) }))
    },

    markAlone: (trx: Transaction, run: Held) => write(trx, run, () => ({ alone: true })),

    retry: (trx: Transaction, run: Held, delayMs: number) =>
      write(trx, run, (row) => ({
        ...backInQueue(row),
        attempts: row.attempts + 1,
        run_at: trx.now + delayMs,
      })),

    snooze: (trx: Transaction, run: Held, delayMs: number) =>
      write(trx, run, (row) => ({
        ...backInQueue(row),
        snoozes: row.snoozes + 1,
        run_at: trx.now + delayMs,
      })),

    handBack: (trx: Transaction, run: Held) =>
      write(trx, run, (row) => ({ ...backInQueue(row), hand_backs: row.hand_backs + 1, run_at: trx.now })),

    bury: (trx: Transaction, run: Held) =>
      write(trx, run, (row) => ({ status: 'failed', attempts: row.attempts + 1 })),

    /** Its answer says as well whether the job ended. */
    committedBy(trx: Transaction, { jobId, fence }: Held): boolean {
      const row = trx.get(jobId)
      return row?.status === 'completed' && row.fence === fence
    },
  }
}

function claimRow(trx: Transaction, id: string, { workerId, entryId }: Holder): Row {
  const row = trx.get(id) as Row
  return trx.update(row, {
    status: 'running',
    worker_id: workerId,
    entry_id: entryId,
    alone: false,
    started_at: row.started_at ?? trx.now,
    deliveries: row.deliveries + 1,
  })
}

const isClaimable = (row: Row, { ticket, holder }: Claim, bugs: Bugs): boolean =>
  (row.status === 'queued' && (row.fence === ticket.fence || bugs.has('no-fence'))) ||
  (row.status === 'running' && row.worker_id === holder.workerId && row.entry_id === holder.entryId)

/** A run that died is held against its job where nothing else ran beside it. */
export const crashed = (row: Row): Partial<Row> => ({
  crashes: row.crashes + 1,
  crashes_alone: row.crashes_alone + Number(row.alone),
})
