import type { Dispatched } from '@app/jobs'
import { STALE_AFTER_MS } from './dispatch-statements.ts'
import type { Row, Transaction } from './postgres.ts'
import { crashed } from './run-statements.ts'

const SETTLE_MS = 10_000

/** What reconciling asks and writes: drift.ts. */
export const driftStatements = {
  sentAWhileAgo: (trx: Transaction, afterId: string): Dispatched[] =>
    trx
      .rows(
        (row) =>
          row.status === 'queued' && wasBefore(row.dispatched_at, trx.now - SETTLE_MS) && row.id > afterId,
      )
      .map(dispatched),

  withdrawTickets: (trx: Transaction, gone: readonly Dispatched[]): number =>
    update(trx, gone, 'queued', () => ({ dispatched_at: null, dispatch_after: null, entry_id: null })),

  runsOfTheSilent: (trx: Transaction, afterId: string): Dispatched[] =>
    trx
      .rows((row) => {
        const worker = trx.workers.get(row.worker_id ?? '')
        return (
          row.status === 'running' &&
          row.id > afterId &&
          !(worker && worker.beatAt > trx.now - STALE_AFTER_MS)
        )
      })
      .map(dispatched),

  requeueRuns: (trx: Transaction, gone: readonly Dispatched[]): number =>
    update(trx, gone, 'running', (row) => ({
      ...crashed(row),
      status: 'queued',
      fence: row.fence + 1,
      worker_id: null,
      entry_id: null,
      run_at: trx.now,
      dispatched_at: null,
      dispatch_after: null,
    })),

  freeDependants(trx: Transaction): number {
    const free = trx
      .rows((row) => row.status === 'pending' && isFree(trx, row))
      .filter((row) => trx.tryLock(row.id))
    for (const row of free) trx.update(row, { status: 'queued', waiting_on: 0, run_at: trx.now })
    return free.length
  },
}

const wasBefore = (time: number | null, when: number): boolean => time !== null && time < when

const isFree = (trx: Transaction, { id }: Row): boolean =>
  trx.dependenciesOf(id).every((other) => trx.get(other)?.status === 'completed')

const dispatched = ({ id, queue, lane, fence, entry_id }: Row): Dispatched => ({
  ...{ id, queue, lane, fence, entry_id },
})

function update(
  trx: Transaction,
  gone: readonly Dispatched[],
  status: Row['status'],
  set: (row: Row) => Partial<Row>,
): number {
  const hit = gone.filter(({ id, fence }) => {
    const row = trx.get(id)
    return row?.status === status && row.fence === fence
  })
  for (const { id } of hit) trx.lock(id)
  for (const { id } of hit) trx.update(trx.get(id) as Row, set(trx.get(id) as Row))
  return hit.length
}
