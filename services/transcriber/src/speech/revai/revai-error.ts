export interface RevAiAnswer {
  status: number
  headers: Headers
  /** The body, as far as it was JSON: `application/problem+json` as RFC 7807 has it. */
  problem?: RevAiProblem | undefined
}

export type RevAiProblem = Readonly<Record<string, unknown>>

interface RevAiErrorOptions {
  answer?: RevAiAnswer | undefined
  /** Where no answer came: `ETIMEDOUT`, `ECONNRESET`, …; or `answer-invalid` for one that is not what it should be. */
  code?: string | undefined
  cause?: unknown
}

/** What Rev.ai answered instead of a result, or why it did not answer at all. Never holds the access token. */
export class RevAiError extends Error {
  readonly status: number | undefined
  readonly headers: Headers
  /** The problem, under the name that the SDK's own errors have for it. */
  readonly details: RevAiProblem | undefined
  readonly code: string | undefined

  constructor(message: string, { answer, code, cause }: RevAiErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'RevAiError'
    this.status = answer?.status
    this.headers = answer?.headers ?? new Headers()
    this.details = answer?.problem
    this.code = code
  }
}

/** True where Rev.ai may have taken a submission although nobody heard of it: then it must be looked for first. */
export function isUnclear(error: unknown): boolean {
  if (!(error instanceof RevAiError)) return false
  return error.status === undefined || error.status >= 500 || error.status === 408 || error.code !== undefined
}
