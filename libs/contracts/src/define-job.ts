import type { z } from 'zod'

/** Higher lanes are read first; a book's first chapter goes in `high`, so that something can be read soon. */
export const LANES = ['high', 'normal', 'low'] as const
export type Lane = (typeof LANES)[number]

/**
 * A job type, declared once and implemented in exactly one file of one service.
 *
 * `result` is what `run` works out, and what a worker outside our services posts;
 * `output` is the short account of it that stays on the job's row.
 */
export interface JobDefinition<
  Name extends string = string,
  Input extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
  Output extends z.ZodType = z.ZodType,
> {
  readonly name: Name
  readonly version: number
  readonly queue: string
  readonly input: Input
  readonly result: Result
  readonly output: Output
  /** Runs that may fail before the job is a dead letter. */
  readonly attempts: number
  /** A failed run is tried again after a random part of this, doubled with each attempt up to `mostRetryMs`. */
  readonly firstRetryMs: number
  readonly mostRetryMs: number
  /** A job that is put off again and again (which costs no attempt) is given up this long after its first run. */
  readonly mostSnoozeAgeMs: number
  /** A run longer than this is aborted and counts as failed. */
  readonly timeoutMs: number
  /**
   * Jobs of one owner with the same key are the same job: while one has not ended, another is not inserted, and
   * whoever wanted it gets the first one's id. Types without this have as many jobs as are asked for.
   */
  unique?(input: z.output<Input>): string
}

interface JobOptions<Input extends z.ZodType, Result extends z.ZodType, Output extends z.ZodType> {
  queue: string
  input: Input
  result: Result
  output: Output
  version?: number
  attempts?: number
  firstRetryMs?: number
  mostRetryMs?: number
  mostSnoozeAgeMs?: number
  timeoutMs?: number
  unique?: (input: z.output<Input>) => string
}

const DEFAULTS = {
  version: 1,
  attempts: 3,
  firstRetryMs: 1_000,
  mostRetryMs: 60_000,
  mostSnoozeAgeMs: 24 * 60 * 60_000,
  timeoutMs: 4 * 60 * 60_000,
}

export function defineJob<
  const Name extends string,
  Input extends z.ZodType,
  Result extends z.ZodType,
  Output extends z.ZodType,
>(name: Name, options: JobOptions<Input, Result, Output>): JobDefinition<Name, Input, Result, Output> {
  return { ...DEFAULTS, ...options, name }
}
