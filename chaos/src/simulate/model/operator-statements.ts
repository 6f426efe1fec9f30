import type { Transaction } from './postgres.ts'

/** `cancelJob` of a job that has nobody below or above it; whether it was still open. */
export function cancelled(trx: Transaction, id: string): boolean {
  trx.lock(id)
  const row = trx.get(id)
  if (!row || !['pending', 'queued', 'running'].includes(row.status)) return false
  trx.update(row, { status: 'cancelled', fence: row.fence + 1 })
  return true
}
