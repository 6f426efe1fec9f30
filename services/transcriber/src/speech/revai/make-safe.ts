import { type RevAiAnswer, RevAiError } from './revai-error.ts'

/** As much as a transcript of 17 hours may be; nothing else comes near. */
const MOST_ANSWER_BYTES = 64 * 1024 ** 2

/** What is used of the SDK's axios instance, which is not a dependency of ours. */
export interface HttpClient {
  interceptors: {
    // biome-ignore lint/suspicious/noExplicitAny: axios' own types say no more of what passes here
    request: { use(onRequest: (config: any) => any): unknown }
    response: { use(onAnswer: undefined, onError: (thrown: unknown) => never): unknown }
  }
}

interface Watch {
  signal: AbortSignal
  /** For the whole call, however it is spent. */
  timeoutMs: number
  /** Hidden wherever it might be repeated. */
  token: string
}

/**
 * Gives the requests of an SDK client what it leaves out: an end, a limit to answers, cancellation, and errors that
 * say what happened. The SDK turns whatever has a `response` into objects that are no Errors and have lost the
 * headers; ours has none, so it passes through as it is.
 */
export function makeSafe(http: HttpClient, { signal, timeoutMs, token }: Watch): void {
  const expired = AbortSignal.timeout(Math.ceil(timeoutMs))
  http.interceptors.request.use((config) => ({
    ...config,
    signal: AbortSignal.any([signal, expired]),
    maxContentLength: MOST_ANSWER_BYTES,
    // To follow a redirect, the whole upload would be kept in memory; the API has none.
    maxRedirects: 0,
  }))
  http.interceptors.response.use(undefined, (thrown) => {
    signal.throwIfAborted()
    if (expired.aborted) {
      throw new RevAiError(`Rev.ai did not answer within ${Math.ceil(timeoutMs)} ms`, { code: 'ETIMEDOUT' })
    }
    throw asRevAiError(thrown, token)
  })
}

interface HttpFailure {
  message?: string
  code?: string
  response?: HttpResponse
}

interface HttpResponse {
  status: number
  headers?: Record<string, unknown>
  data?: unknown
}

/** axios' error itself is dropped: its `config` holds the token. */
function asRevAiError(thrown: unknown, token: string): RevAiError {
  const { message = 'no answer', code, response } = (thrown ?? {}) as HttpFailure
  const cause = thrown instanceof Error ? causeOf(thrown, token) : undefined
  if (!response) return new RevAiError(`Rev.ai could not be asked: ${hide(message, token)}`, { code, cause })
  if (response.status < 300) {
    return new RevAiError(`Rev.ai's answer broke off: ${hide(message, token)}`, {
      code: 'answer-invalid',
      cause,
    })
  }
  const answer = answerOf(response, token)
  return new RevAiError(`Rev.ai answered ${answer.status}: ${sayingOf(answer)}`, { answer, cause })
}

function answerOf({ status, headers = {}, data }: HttpResponse, token: string): RevAiAnswer {
  const pairs = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, String(value)]],
  )
  const isProblem = typeof data === 'object' && data !== null && !Array.isArray(data)
  const problem = isProblem ? JSON.parse(hide(JSON.stringify(data), token)) : undefined
  return { status, headers: new Headers(pairs), problem }
}

/** What the problem says of itself. What was wrong with which parameter is worth more than the title. */
function sayingOf({ problem }: RevAiAnswer): string {
  if (!problem) return 'without saying why'
  // Older answers say `parameter`.
  const parameters = problem.parameters ?? problem.parameter
  const said = [problem.title, problem.detail].filter((part) => typeof part === 'string')
  const wrong = parameters === undefined ? [] : [JSON.stringify(parameters)]
  return [...said, ...wrong].join(': ').slice(0, 500) || 'without saying why'
}

function causeOf({ name, message, cause }: Error, token: string): Error {
  const copy = new Error(
    hide(message, token),
    cause instanceof Error ? { cause: causeOf(cause, token) } : undefined,
  )
  copy.name = name
  delete copy.stack
  return copy
}

const hide = (text: string, token: string): string => text.replaceAll(token, '[secret]')
