import type { Bugs } from './planted-bugs.ts'
import type { Row, Transaction } from './postgres.ts'

/** Statements of a completing transaction: complete.ts, complete-together.ts and release.ts. */
export function completionStatements(bugs: Bugs) {
  return {
    complete: (trx: Transaction, row: Row): Row => trx.update(row, { status: 'completed' }),

    /** Counts completed jobs off from what waits for them; whether something may run now. */
    countOff(trx: Transaction, completed: readonly string[]): boolean {
      const counts = new Map<string, number>()
      for (const id of completed)
        for (const dependant of trx.dependantsOf(id)) counts.set(dependant, (counts.get(dependant) ?? 0) + 1)
      if (bugs.has('siblings-see-each-other-unfinished')) return countUnlocked(trx, [...counts.keys()])
      const ids = [...counts.keys()].sort()
      for (const id of ids) trx.lock(id)
      const after = ids.map((id) => {
        const row = trx.get(id) as Row
        const isFree = row.status === 'pending' && row.waiting_on === counts.get(id)
        return trx.update(row, {
          waiting_on: row.waiting_on - (counts.get(id) ?? 0),
          ...(isFree ? { status: 'queued', run_at: trx.now } : {}),
        })
      })
      return after.some(({ status }) => status === 'queued')
    },
  }
}

/** The planted bug: what waits is released by who sees nothing unfinished, and nobody sees what is not committed. */
function countUnlocked(trx: Transaction, dependants: readonly string[]): boolean {
  const free = dependants.filter((id) => {
    const open = trx.dependenciesOf(id).filter((other) => trx.get(other)?.status !== 'completed')
    return open.length === 0 && trx.get(id)?.status === 'pending'
  })
  for (const id of free) trx.lock(id)
  for (const id of free) trx.update(trx.get(id) as Row, { status: 'queued', waiting_on: 0, run_at: trx.now })
  return free.length > 0
}
