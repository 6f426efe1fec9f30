import type { ErrorBody } from '@app/contracts'

type Problem = ErrorBody['error']

/** The API answered, and the answer is no. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly details: NonNullable<Problem['details']>

  constructor(call: string, status: number, { code, message, details = [] }: Problem) {
    const fields = details.map(({ field, problem }) => `\n  ${field}: ${problem}`).join('')
    super(`${message}${fields} (${status} ${code} from ${call})`)
    this.name = 'ApiError'
    this.status = status
    this.code = code
    this.details = details
  }
}
