import type { Db } from '@app/db'
import { sql } from 'kysely'
import { type Run, stillMine } from './run.ts'

const EVERY_MS = 500

interface ReporterOptions {
  db: Db
  run: Run
  /** The row was no longer this run's. */
  onLost: () => void
  onReported: (progress: number, stage: string | undefined) => void
}

/** Writes progress at most twice a second, the newest only; it never goes back. A write that fails is no matter. */
export function createReporter({ db, run, onLost, onReported }: ReporterOptions) {
  let latest: { progress: number; stage: string | undefined } | undefined
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let most = 0

  return {
    report(progress: number, stage?: string): void {
      if (!Number.isFinite(progress)) return
      most = Math.max(most, Math.min(progress, 1))
      latest = { progress: most, stage }
      timer ??= setTimeout(flush, EVERY_MS)
    },

    /** No write begins after this; one under way is waited for. */
    async close(): Promise<void> {
      clearTimeout(timer)
      latest = undefined
      await writing
    },
  }

  function flush(): void {
    timer = undefined
    if (!latest || writing !== undefined) return
    const { progress, stage } = latest
    latest = undefined
    // With Postgres slow the next one waits: progress must not use up the connections that results need.
    writing = write(progress, stage)
      .catch(() => {})
      .then(() => {
        writing = undefined
        if (latest) timer ??= setTimeout(flush, EVERY_MS)
      })
  }

  async function write(progress: number, stage: string | undefined): Promise<void> {
    const { numUpdatedRows } = await db
      .updateTable('processing_jobs')
      .set({
        progress: sql<number>`greatest(progress, ${progress}::real)`,
        ...(stage === undefined ? {} : { stage }),
      })
      .where(stillMine(run))
      .executeTakeFirst()
    if (numUpdatedRows === 0n) onLost()
    else onReported(progress, stage)
  }
}
