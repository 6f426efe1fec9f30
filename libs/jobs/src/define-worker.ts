import type { Limit } from '@app/bus'
import type { JobDefinition, Lane } from '@app/contracts'
import type { Trx } from '@app/db'
import type { PlannedJob } from '@app/flows'
import type { Logger } from '@app/runtime'
import type { z } from 'zod'
import type { EnterStage } from './enter-stage.ts'
import type { RunLimits } from './limits/run-limits.ts'
import type { Step } from './steps.ts'

/** What a worker is told of its job. */
export interface Job<Input> {
  id: string
  input: Input
  subjectKind: string
  subjectId: string
  chapterId: string | undefined
  ownerId: string
  /** For its children, if it has any. */
  lane: Lane
  /** Names of objects that a run stores contain it, so that two runs never write to one. */
  fence: number
  /** 1 for the first run. */
  attempt: number
}

export interface RunContext {
  /** Fires on cancel, take-over, time-out and shutdown: stop, and write nothing any more. */
  signal: AbortSignal
  /** Progress from 0 to 1, and what is being done. May be called as often as one likes; it never waits. */
  report: (progress: number, stage?: string) => void
  /**
   * A checkpoint: `await step('submit', () => provider.submit(…))` submits once for the job, and a run after a retry, a
   * crash, a snooze or a redrive gets the same value back. Different keys may be under way at once.
   */
  step: Step
  enter: EnterStage
  log: Logger
  /** More limits, as they come up in the middle of a run, and what a provider's answers say about them. */
  limits: Pick<RunLimits, 'take' | 'learn'>
}

/** The two halves of a job: `run` is slow, outside any transaction and repeatable; `save` is inside the completing one. */
export interface WorkerBody<Input, Result, Output, Deps> {
  /** What must not be exceeded: taken before each run, all or none; else the job goes back until its turn comes. */
  limits?(job: Job<Input>, deps: Deps): readonly Limit[]
  run(job: Job<Input>, deps: Deps, context: RunContext): Promise<Result>
  /**
   * Writes the result's rows. Nothing else of the job may commit without it, nor it without the job. A type without
   * rows of its own leaves it out: its result is its output, and its completions share transactions.
   */
  save?(trx: Trx, job: Job<Input>, result: Result): Promise<Output>
  /**
   * What is left to do in jobs of their own, inserted by the same transaction. Where there are any, the job waits for
   * them, is completed by the last one and fails with the first that fails; it does not run again.
   */
  children?(job: Job<Input>, result: Result): readonly PlannedJob<string>[]
}

export interface Worker<Deps> {
  readonly definition: JobDefinition
  readonly body: WorkerBody<unknown, unknown, unknown, Deps>
}

/** Implements a job type. A wrong input, result or output does not compile. */
export function defineWorker<
  Name extends string,
  Input extends z.ZodType,
  Result extends z.ZodType,
  Output extends z.ZodType,
  Deps,
>(
  definition: JobDefinition<Name, Input, Result, Output>,
  body: WorkerBody<z.output<Input>, z.output<Result>, z.input<Output>, Deps>,
): Worker<Deps> {
  // The shell parses input and result with the definition's own schemas before it calls the body.
  return { definition, body: body as WorkerBody<unknown, unknown, unknown, Deps> }
}
