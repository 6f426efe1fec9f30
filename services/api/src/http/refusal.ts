import { FatalError } from '@app/runtime'
import type { RefusalCode } from '../plan/status-of-code.ts'

/** What is wrong with one field of a body or query. */
export interface FieldProblem {
  field: string
  problem: string
}

/** A refusal with a code from the table of statuses, so that none can be thrown without one. */
export class Refusal extends FatalError {
  readonly details: readonly FieldProblem[]
  /** When asking again may help. */
  readonly retryAfterS: number | undefined

  constructor(
    code: RefusalCode,
    message: string,
    {
      details = [],
      retryAfterS,
      cause,
    }: { details?: readonly FieldProblem[]; retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(code, message, cause === undefined ? undefined : { cause })
    this.name = 'Refusal'
    this.details = details
    this.retryAfterS = retryAfterS
  }
}
