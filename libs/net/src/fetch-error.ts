export type FetchFailure = 'network' | 'timeout' | 'too_large' | 'too_many_redirects'

/** A fetch that did not come to its end, though it was allowed to. Unless it is `too_large`, another try may do better. */
export class FetchError extends Error {
  readonly code: FetchFailure

  constructor(code: FetchFailure, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'FetchError'
    this.code = code
  }
}
