export type AbortCause = 'cancelled' | 'lost' | 'shutdown' | 'timeout'

/** Why a run's signal fired. */
export class RunAbortedError extends Error {
  readonly code: string
  readonly abortCause: AbortCause

  constructor(abortCause: AbortCause, message: string) {
    super(message)
    this.name = 'RunAbortedError'
    this.code = `run-${abortCause}`
    this.abortCause = abortCause
  }
}

/** A delivered entry that this process holds, claimed or not yet. */
export interface ActiveRun {
  stream: string
  entryId: string
  jobId: string | undefined
  fence: number | undefined
  abort: AbortController
  done: Promise<void>
}

export function activeRun({ stream, entryId }: { stream: string; entryId: string }): ActiveRun {
  return {
    stream,
    entryId,
    jobId: undefined,
    fence: undefined,
    abort: new AbortController(),
    done: Promise.resolve(),
  }
}

/** What this process holds at the moment: the lease beat renews it, cancel finds it, shutdown waits for it. */
export function createActiveRuns() {
  const runs = new Set<ActiveRun>()
  const abort = (run: ActiveRun, cause: AbortCause, message: string) =>
    run.abort.abort(new RunAbortedError(cause, message))

  return {
    runs,
    abort,
    holds: (stream: string, entryId: string): boolean =>
      [...runs].some((run) => run.stream === stream && run.entryId === entryId),
    cancel(jobIds: readonly string[]): void {
      for (const run of runs) {
        if (run.jobId && jobIds.includes(run.jobId)) abort(run, 'cancelled', 'the job was cancelled')
      }
    },
  }
}

export type ActiveRuns = ReturnType<typeof createActiveRuns>
