import { type Db, inTransaction } from '@app/db'
import { FenceLostError } from './complete.ts'
import { persist } from './persist.ts'
import { type Run, stillMine } from './run.ts'
import { settleSubject, showsStages } from './settle-subject.ts'

/**
 * Says what is being done from here on. Unlike `report` it is waited for, and no stage is left out: the job's row, its
 * subject's status, and what follows from that are one fenced transaction. Error: `job-fence-lost`.
 */
export type EnterStage = (stage: string) => Promise<void>

interface EnterStageOptions {
  db: Db
  run: Run
  signal: AbortSignal
  /** The row was no longer this run's. */
  onLost: () => void
  onEntered: (stage: string, queued: boolean) => void
}

export function createEnterStage({ db, run, signal, onLost, onEntered }: EnterStageOptions): EnterStage {
  return async (stage) => {
    const entered = await persist(() => enter(db, run, stage), signal)
    if (!entered) {
      onLost()
      throw new FenceLostError(run.jobId)
    }
    onEntered(stage, entered.queued)
  }
}

async function enter(db: Db, run: Run, stage: string): Promise<{ queued: boolean } | undefined> {
  return await inTransaction(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('processing_jobs')
      .set({ stage })
      .where(stillMine(run))
      .executeTakeFirst()
    if (numUpdatedRows === 0n) return undefined
    if (!showsStages(run.subjectKind)) return { queued: false }
    return { queued: await settleSubject(trx, run.subjectKind, run.subjectId) }
  })
}
