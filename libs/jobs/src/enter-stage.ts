import { type Db, inTransaction } from '@app/db'
import { FenceLostError } from './complete.ts'
import { persist } from './persist.ts'
import { type Run, stillMine } from './run.ts'
import { settleSubject, showsStages } from './settle-subject.ts'

/**
 * Says what is being done from here on, where the job's subject shows it. Unlike `report` it is waited for, and no
 * stage is left out: the job's row, its subject's status, and what follows from that are one fenced transaction. Error:
 * `job-fence-lost`.
 */
export type EnterStage = (stage: string) => Promise<void>

interface EnterStageOptions {
  db: Db
  run: Run
  signal: AbortSignal
  /** The row was no longer this run's. */
  onLost: () => void
  onEntered: (stage: string, entered: Entered) => void
}

export function createEnterStage({ db, run, signal, onLost, onEntered }: EnterStageOptions): EnterStage {
  return async (stage) => {
    // Nobody shows it: a transaction for each chapter of a book would be for nothing.
    if (!showsStages(run.subjectKind)) return
    const entered = await persist(() => enter(db, run, stage), signal)
    if (!entered) {
      onLost()
      throw new FenceLostError(run.jobId)
    }
    onEntered(stage, entered)
  }
}

interface Entered {
  progress: number
  queued: boolean
}

async function enter(db: Db, run: Run, stage: string): Promise<Entered | undefined> {
  return await inTransaction(db, async (trx) => {
    const job = await trx
      .updateTable('processing_jobs')
      .set({ stage })
      .where(stillMine(run))
      .returning('progress')
      .executeTakeFirst()
    return job && { ...job, queued: await settleSubject(trx, run.subjectKind, run.subjectId) }
  })
}
