import { type Db, pingDb, type Trx } from '@app/db'
import type { Children } from './children.ts'
import type { JobRow } from './claim.ts'
import { type Claim, claimJobs, type Holder, markAlone, takeOverJob } from './claim.ts'
import { committedByThisRun, completeJob } from './complete.ts'
import { type Completion, completeTogether } from './complete-together.ts'
import { dispatchOutlook } from './dispatch-outlook.ts'
import * as drift from './drift.ts'
import * as giveUp from './give-up.ts'
import type { HoldReason } from './hold-reasons.ts'
import { freeStaleMarks, markDue } from './mark-due.ts'
import { settleParents } from './parents.ts'
import * as parked from './parked.ts'
import type { Run } from './run.ts'
import * as sent from './sent-tickets.ts'
import * as workers from './worker-beats.ts'

export type JobStore = ReturnType<typeof jobStore>
type Held = Pick<Run, 'jobId' | 'fence'>

/**
 * All that the life of a job asks of Postgres, each a statement or a transaction that guards itself; what to do with
 * the answers is decided by those who ask. The simulator of the fault campaign has the same in memory, and one suite
 * holds the two together.
 */
export function jobStore(db: Db) {
  return {
    ping: () => pingDb(db),
    claim: (claims: readonly Claim[]) => claimJobs(db, claims),
    takeOver: (jobId: string, holder: Holder) => takeOverJob(db, jobId, holder),
    markAlone: (run: Held) => markAlone(db, run),

    complete: (run: Run, save: (trx: Trx) => Promise<unknown>, children?: Children) =>
      completeJob(db, run, save, children),
    completeTogether: (batch: readonly Completion[]) => completeTogether(db, batch),
    committedBy: (run: Run) => committedByThisRun(db, run),

    retry: (run: Run, error: unknown, delayMs: number) => giveUp.retryJob(db, run, error, delayMs),
    snooze: (run: Run, error: unknown, delayMs: number) => giveUp.snoozeJob(db, run, error, delayMs),
    waitForLimit: (run: Run, limit: giveUp.Waiting) => giveUp.waitForLimit(db, run, limit),
    handBack: (run: Held) => giveUp.handBackJob(db, run),
    park: (run: Run, hold: HoldReason) => giveUp.parkJob(db, run, hold),
    parkUnclaimed: (job: Held, hold: HoldReason) => parked.parkUnclaimed(db, job, hold),
    releaseParked: (release: parked.Release) => parked.releaseParked(db, release),
    bury: (run: Run, job: JobRow, error: unknown) => giveUp.buryJob(db, run, job, error),

    dispatchOutlook: () => dispatchOutlook(db),
    markDue: (...args: Rest<typeof markDue>) => markDue(db, ...args),
    confirmSent: (jobs: readonly sent.SentJob[]) => sent.confirmSent(db, jobs),
    freeStaleMarks: () => freeStaleMarks(db),

    sentAWhileAgo: (afterId: string) => drift.sentAWhileAgo(db, afterId),
    withdrawTickets: (gone: readonly drift.Dispatched[]) => drift.withdrawTickets(db, gone),
    runsOfTheSilent: (afterId: string) => drift.runsOfTheSilent(db, afterId),
    requeueRuns: (gone: readonly drift.Dispatched[]) => drift.requeueRuns(db, gone),
    freeDependants: () => drift.freeDependants(db),
    settleParents: () => settleParents(db),

    beatWorker: (beat: workers.WorkerBeat) => workers.beatWorker(db, beat),
    forgetWorker: (workerId: string) => workers.forgetWorker(db, workerId),
    forgetDeadWorkers: () => workers.forgetDeadWorkers(db),
    livingWorkers: () => workers.livingWorkers(db),
    runningOn: (workerId: string) => workers.runningOn(db, workerId),
    cancelledAmong: (jobIds: readonly string[]) => workers.cancelledAmong(db, jobIds),
  }
}

type Rest<Of> = Of extends (db: Db, ...rest: infer Rest) => unknown ? Rest : never
