import { asDiskFull, judge, PutOffError, RetryLaterError, type RetryPolicy } from '@app/runtime'
import { RunAbortedError } from './active-runs.ts'
import type { JobRow } from './claim.ts'
import type { HoldReason } from './hold-reasons.ts'
import type { RunOutcome } from './job-metrics.ts'
import { LimitReachedError } from './limits/limit-reached.ts'
import { persist } from './persist.ts'
import type { Run } from './run.ts'
import { type Shell, tell } from './shell.ts'

/** Writes that end a run are repeated while Postgres is away, for as long as the process lives. */
const NEVER = new AbortController().signal

interface EndedRun {
  row: JobRow
  run: Run
  /** The job type's. */
  policy: RetryPolicy
}

/** Decides what becomes of a job whose run did not complete, and writes it, fenced. */
export async function endFailedRun(
  shell: Shell,
  { row, run, policy }: EndedRun,
  thrown: unknown,
): Promise<RunOutcome> {
  // Not the job's fault, whatever it was at: it costs no attempt.
  const error = asDiskFull(thrown)
  if (error instanceof RunAbortedError && error.abortCause !== 'timeout') {
    return await endAborted(shell, row, run, error)
  }
  if (error instanceof PutOffError) return await waitForTurn(shell, row, run, error)
  const attempt = row.attempts + 1
  // Both by Postgres' clock: the row was stamped when this run claimed it.
  const ageMs = row.updated_at.getTime() - (row.started_at ?? row.updated_at).getTime()
  const verdict = judge(error, { attempt, maxAttempts: row.max_attempts, ageMs }, policy)
  const log = shell.log.child({ jobId: row.id, type: row.type, attempt })
  if (verdict.kind === 'dead-letter') {
    const parents = await persist(() => shell.jobs.bury(run, row, error), NEVER)
    if (!parents) return lost(shell, row)
    log.error({ err: error }, 'job is a dead letter')
    // Somebody may have to be told of it.
    shell.dispatchSoon()
    for (const job of [row, ...parents]) tell(shell, job, 'job.failed.v1', { reason: messageOf(error) })
    shell.bus
      .hintFailed(row.queue, { jobId: row.id, type: row.type, reason: messageOf(error) })
      .catch(() => {})
    return 'failed'
  }
  const delayMs = verdict.kind === 'snooze' ? verdict.delayMs : Math.random() * verdict.maxDelayMs
  const back = verdict.kind === 'snooze' ? shell.jobs.snooze : shell.jobs.retry
  const mine = await persist(() => back(run, error, delayMs), NEVER)
  if (!mine) return lost(shell, row)
  log.warn(
    { err: error, delayMs },
    error instanceof RetryLaterError ? 'job is put off' : 'job will be tried again',
  )
  tell(shell, row, 'job.retried.v1', { reason: messageOf(error) })
  shell.lookSoon()
  return verdict.kind === 'snooze' ? 'snoozed' : 'retried'
}

/** No event and no count of the job's: a backlog of thousands passes here while it is spread over its limit's time. */
async function waitForTurn(shell: Shell, row: JobRow, run: Run, error: PutOffError): Promise<RunOutcome> {
  const { waitingFor, retryAfterMs } = error
  // A limit's name says it all; what else a job is put off for, its owner is told in words.
  const reason = error instanceof LimitReachedError ? undefined : error
  const mine = await persist(() => shell.jobs.waitForLimit(run, { waitingFor, retryAfterMs, reason }), NEVER)
  if (!mine) return lost(shell, row)
  if (reason) shell.log.debug({ jobId: row.id, err: reason }, 'job is put off')
  shell.lookSoon()
  return 'limited'
}

/** Puts back a job that another version of us wrote: it waits in Postgres for a worker that knows it. */
export async function park(shell: Shell, row: JobRow, run: Run, hold: HoldReason): Promise<RunOutcome> {
  const mine = await persist(() => shell.jobs.park(run, hold), NEVER)
  if (!mine) return lost(shell, row)
  shell.onParked(row.id, hold)
  return 'parked'
}

async function endAborted(
  shell: Shell,
  row: JobRow,
  run: Run,
  { abortCause }: RunAbortedError,
): Promise<RunOutcome> {
  if (abortCause === 'lost') return lost(shell, row)
  if (abortCause === 'cancelled') {
    tell(shell, row, 'job.cancelled.v1', {})
    return 'cancelled'
  }
  await shell.jobs.handBack(run)
  shell.dispatchSoon()
  return 'handed_back'
}

/** The job is another's by now: what this run has is dropped. */
export function lost(shell: Shell, row: JobRow): RunOutcome {
  shell.onZombie(row.id)
  return 'lost'
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).slice(0, 500)
