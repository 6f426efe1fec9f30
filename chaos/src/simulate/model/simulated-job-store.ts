import type { Trx } from '@app/db'
import { FenceLostError, type JobStore } from '@app/jobs'
import { completionStatements } from './completion.ts'
import { dispatchStatements } from './dispatch-statements.ts'
import { driftStatements } from './drift-statements.ts'
import type { Bugs } from './planted-bugs.ts'
import type { Held, Transaction } from './postgres.ts'
import type { OpenTransaction, PostgresClient } from './postgres-client.ts'
import { runStatements } from './run-statements.ts'

/** What a `save` of the simulation gets for a transaction. */
export interface SavingTransaction {
  save: (run: Held) => Promise<void>
}

const NOTHING: string[] = []

/** The `JobStore` of @app/jobs over the model. */
export function simulatedJobStore(client: PostgresClient, bugs: Bugs): JobStore {
  const runs = runStatements(bugs)
  const completion = completionStatements(bugs)
  const ask = <T>(statement: (trx: Transaction) => T) => client.ask(statement)

  const store: Used = {
    ping: () => ask(() => undefined),
    claim: (claims) => ask((trx) => runs.claim(trx, claims)),
    takeOver: (jobId, holder) => ask((trx) => runs.takeOver(trx, jobId, holder)),
    markAlone: (run) => ask((trx) => runs.markAlone(trx, run)),

    complete: (run, save) =>
      inTransaction(client, async (open) => {
        const completed = await open.ask((trx) => {
          const row = runs.mine(trx, run)
          return row !== undefined && completion.complete(trx, row) !== undefined
        })
        if (!completed) throw new FenceLostError(run.jobId)
        await save(savingTransaction(open))
        const queued = await open.ask((trx) => completion.countOff(trx, [run.jobId]))
        return { waits: false, queued, parents: [] }
      }),

    completeTogether: (batch) =>
      inTransaction(client, async (open) => {
        const completed = await open.ask((trx) => {
          const own = batch.map(({ run }) => run).sort((a, b) => (a.jobId < b.jobId ? -1 : 1))
          const mine = own.flatMap((run) => runs.mine(trx, run) ?? [])
          return mine.map((row) => completion.complete(trx, row).id)
        })
        const queued = await open.ask((trx) => completion.countOff(trx, completed))
        return batch.map(({ run }) =>
          completed.includes(run.jobId) ? { waits: false, queued, parents: [] } : undefined,
        )
      }),

    async committedBy(run) {
      const committed = await ask((trx) => runs.committedBy(trx, run))
      return committed ? { waits: false, queued: true, parents: [] } : undefined
    },

    retry: (run, _error, delayMs) => ask((trx) => runs.retry(trx, run, delayMs)),
    snooze: (run, _error, delayMs) => ask((trx) => runs.snooze(trx, run, delayMs)),
    handBack: (run) => ask((trx) => runs.handBack(trx, run)),
    bury: async (run) => ((await ask((trx) => runs.bury(trx, run))) ? [] : undefined),

    dispatchOutlook: () => ask(dispatchStatements.dispatchOutlook),
    markDue: (windows) => client.ask((trx) => dispatchStatements.markDue(trx, windows), { isAsync: true }),
    confirmSent: (sent) => client.ask((trx) => dispatchStatements.confirmSent(trx, sent), { isAsync: true }),
    freeStaleMarks: () => ask(dispatchStatements.freeStaleMarks),

    sentAWhileAgo: (afterId) => ask((trx) => driftStatements.sentAWhileAgo(trx, afterId)),
    withdrawTickets: (gone) => ask((trx) => driftStatements.withdrawTickets(trx, gone)),
    runsOfTheSilent: (afterId) => ask((trx) => driftStatements.runsOfTheSilent(trx, afterId)),
    requeueRuns: (gone) => ask((trx) => driftStatements.requeueRuns(trx, gone)),
    freeDependants: () => ask(driftStatements.freeDependants),
    settleParents: async () => 0,
    releaseParked: async () => 0,
    forgetDeadWorkers: async () => {},

    beatWorker: ({ workerId, concurrency, queues }) =>
      ask((trx) => {
        const known = trx.workers.get(workerId) ?? { concurrency, queues }
        trx.workers.set(workerId, { ...known, beatAt: trx.now })
        return { isAnyHeld: false }
      }),
    forgetWorker: (workerId) => ask((trx) => void trx.workers.delete(workerId)),
    livingWorkers: () => ask(dispatchStatements.livingWorkers),
    runningOn: (workerId) =>
      ask((trx) => trx.rows((row) => row.worker_id === workerId && row.status === 'running')),
    cancelledAmong: (ids) =>
      ids.length === 0
        ? Promise.resolve(NOTHING)
        : ask((trx) =>
            trx.rows((row) => ids.includes(row.id) && row.status === 'cancelled').map(({ id }) => id),
          ),
  }
  return store as unknown as JobStore
}

/** The simulation has neither limits nor versions; rows come without what the callers do not read. */
type Used = Omit<JobStore, 'waitForLimit' | 'park' | 'parkUnclaimed'>

async function inTransaction<T>(
  client: PostgresClient,
  work: (open: OpenTransaction) => Promise<T>,
): Promise<T> {
  const open = client.begin()
  try {
    const result = await work(open)
    await open.commit()
    return result
  } catch (error) {
    await open.rollback()
    throw error
  }
}

function savingTransaction(open: OpenTransaction): Trx {
  const saving: SavingTransaction = {
    save: (run) => open.ask((trx) => void trx.saves.push(run)),
  }
  return saving as unknown as Trx
}
