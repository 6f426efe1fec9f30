import type { Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import type { ActiveRun, RunAbortedError } from './active-runs.ts'
import type { JobRow } from './claim.ts'
import { type Committed, FenceLostError } from './complete.ts'
import type { Job, Worker } from './define-worker.ts'
import { endFailedRun, lost, park } from './end-failed-run.ts'
import { createEnterStage } from './enter-stage.ts'
import { unknownTo } from './hold-reasons.ts'
import type { RunOutcome } from './job-metrics.ts'
import type { RunLimits } from './limits/run-limits.ts'
import { persist } from './persist.ts'
import { createReporter } from './reporter.ts'
import type { Run } from './run.ts'
import { type Shell, tell } from './shell.ts'
import { createSteps } from './steps.ts'

/** A job that ran alone in its process when that died, this often, is the cause, and is not run again. */
const MOST_CRASHES_ALONE = 3
/** A run that does not heed its signal is left behind after this long. */
const HEED_ABORT_MS = 5_000

/** Runs a claimed job to one of its ends. Never rejects but for a Postgres that stays away until shutdown. */
export async function runJob<Deps>(
  shell: Shell,
  worker: Worker<Deps>,
  deps: Deps,
  row: JobRow,
  active: ActiveRun,
): Promise<void> {
  const { started, ended, runSeconds } = shell.metrics
  const begunMs = performance.now()
  started.inc({ type: row.type })
  const outcome = await runToEnd(shell, worker, deps, row, active)
  ended.inc({ type: row.type, outcome })
  // Sent back before it did anything: thousands of those would hide how long jobs take.
  if (outcome !== 'limited' && outcome !== 'parked')
    runSeconds.observe({ type: row.type }, (performance.now() - begunMs) / 1_000)
}

async function runToEnd<Deps>(
  shell: Shell,
  worker: Worker<Deps>,
  deps: Deps,
  row: JobRow,
  active: ActiveRun,
): Promise<RunOutcome> {
  const run: Run = {
    jobId: row.id,
    fence: row.fence,
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
  }
  const limits = shell.limits.ofRun(row, (slot) => shell.leases.keepSlot(active, slot))
  try {
    active.abort.signal.throwIfAborted()
    const hold = unknownTo(worker.definition, row)
    if (hold) return await park(shell, row, run, hold)
    refusePoison(row)
    const job = jobOf(worker, row)
    if (row.submitted_result === null) await limits.take(...(worker.body.limits?.(job, deps) ?? []))
    tell(shell, row, 'job.started.v1', { attempt: row.attempts + 1 })
    const startedAt = performance.now()
    const result = await resultOf(shell, worker, deps, { row, run, job, limits }, active)
    shell.pace.ran(row.queue, performance.now() - startedAt)
    announce(shell, row, await commit(shell, worker, run, job, result, active.abort.signal))
    return 'completed'
  } catch (error) {
    if (error instanceof FenceLostError) return await endWithoutFence(shell, row, run)
    const { signal } = active.abort
    const ended = { row, run, policy: worker.definition }
    return await endFailedRun(shell, ended, signal.aborted ? signal.reason : error)
  } finally {
    limits.release()
  }
}

/** A first commit may have been still under way when it was tried again: then this run did complete the job. */
async function endWithoutFence(shell: Shell, row: JobRow, run: Run): Promise<RunOutcome> {
  const committed = await shell.jobs.committedBy(run).catch(() => undefined)
  if (!committed) return lost(shell, row)
  announce(shell, row, committed)
  return 'completed'
}

function announce(shell: Shell, row: JobRow, { waits, queued, parents }: Committed): void {
  tell(shell, row, waits ? 'job.waiting.v1' : 'job.completed.v1', {})
  for (const parent of parents) tell(shell, parent, 'job.completed.v1', {})
  if (queued) shell.dispatchSoon()
}

function refusePoison(row: JobRow): void {
  if (row.crashes_alone >= MOST_CRASHES_ALONE) {
    throw new FatalError(
      'crashed-repeatedly',
      `processes that ran nothing but this job died ${row.crashes_alone} times`,
    )
  }
}

function jobOf(worker: Worker<never>, row: JobRow): Job<unknown> {
  return {
    id: row.id,
    input: parse(worker.definition.input, row.input, 'input'),
    subjectKind: row.subject_kind,
    subjectId: row.subject_id,
    chapterId: row.chapter_id ?? undefined,
    ownerId: row.owner_id,
    lane: row.lane,
    fence: row.fence,
    attempt: row.attempts + 1,
  }
}

interface Began {
  row: JobRow
  run: Run
  job: Job<unknown>
  limits: RunLimits
}

/** What an outside worker submitted, or else what our own run works out. */
async function resultOf<Deps>(
  shell: Shell,
  worker: Worker<Deps>,
  deps: Deps,
  { row, run, job, limits }: Began,
  active: ActiveRun,
): Promise<unknown> {
  const { definition, body } = worker
  if (row.submitted_result !== null) return parse(definition.result, row.submitted_result, 'result')

  const { abort } = active
  // Told before our own code runs: it may block the event loop from its first line.
  await shell.leases.begin(active, definition.timeoutMs)
  const onLost = () => shell.active.abort(active, 'lost', 'the job was given to another run')
  const step = createSteps({ db: shell.db, run, signal: abort.signal, onLost })
  const reporter = createReporter({
    db: shell.db,
    run,
    onLost,
    onReported: (progress, stage) =>
      tell(shell, row, 'job.progressed.v1', stage === undefined ? { progress } : { progress, stage }),
  })
  const enter = createEnterStage({
    ...{ db: shell.db, run, signal: abort.signal, onLost },
    onEntered: (stage, { progress, queued }) => {
      tell(shell, row, 'job.progressed.v1', { progress, stage })
      if (queued) shell.dispatchSoon()
    },
  })
  const timer = setTimeout(
    () => shell.active.abort(active, 'timeout', `the run took longer than ${definition.timeoutMs} ms`),
    definition.timeoutMs,
  )
  try {
    const log = shell.log.child({
      jobId: row.id,
      type: row.type,
      subject: row.subject_id,
      attempt: job.attempt,
    })
    const result = await orAborted(
      body.run(job, deps, { signal: abort.signal, report: reporter.report, step, enter, log, limits }),
      abort.signal,
    )
    return parse(definition.result, result, 'result')
  } finally {
    clearTimeout(timer)
    await reporter.close()
  }
}

/** A run that goes on in spite of its signal can no longer write; waiting for it would only block the slot. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const left = new Promise<never>((_, reject) => {
    const leave = () => {
      timer = setTimeout(() => reject(signal.reason), HEED_ABORT_MS)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([work, left])
  } finally {
    clearTimeout(timer)
  }
}

async function commit(
  shell: Shell,
  worker: Worker<never>,
  run: Run,
  job: Job<unknown>,
  result: unknown,
  signal: AbortSignal,
): Promise<Committed> {
  if (signal.aborted && (signal.reason as RunAbortedError).abortCause !== 'shutdown') throw signal.reason
  const complete = completionOf(shell, worker, run, job, result)
  let tries = 0
  return await persist(async () => {
    tries += 1
    // The answer to an earlier try may have been lost, not the commit.
    const committed = tries > 1 ? await shell.jobs.committedBy(run) : undefined
    return committed ?? (await complete())
  }, signal)
}

/** How this job is completed: with its rows in a transaction of its own, or together with others that have none. */
function completionOf(
  shell: Shell,
  { body, definition }: Worker<never>,
  run: Run,
  job: Job<unknown>,
  result: unknown,
): () => Promise<Committed> {
  const { save } = body
  const children = { planned: body.children?.(job, result) ?? [], definitions: shell.definitions }
  if (save) {
    const saved = async (trx: Trx) => parse(definition.output, await save(trx, job, result), 'output')
    return () => shell.jobs.complete(run, saved, children)
  }
  const output = parse(definition.output, result, 'output')
  if (children.planned.length > 0) return () => shell.jobs.complete(run, async () => output, children)
  return async () => {
    const committed = await shell.complete({ run, output })
    if (!committed) throw new FenceLostError(run.jobId)
    return committed
  }
}

/** A value that breaks the contract is the same at every attempt: fatal. */
function parse(
  schema: { safeParse: (value: unknown) => { success: boolean; data?: unknown; error?: Error | undefined } },
  value: unknown,
  what: string,
) {
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    throw new FatalError('contract-broken', `the job's ${what} breaks its contract`, { cause: parsed.error })
  return parsed.data
}
