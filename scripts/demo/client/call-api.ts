import { ErrorBody } from '@app/contracts'
import { FatalError } from '@app/runtime'
import type { z } from 'zod'
import { ApiError } from './api-error.ts'

/** Where the API is, and who asks. */
export interface ApiAccess {
  url: string
  token: string
}

export interface ApiCall {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Sent as JSON, or as the form it is. */
  body?: unknown
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
  /** Until the answer is read; `Infinity` where it takes as long as it takes. */
  timeoutMs?: number
}

const TIMEOUT_MS = 30_000

/** Asks the API and checks that the answer is what the contract says. */
export async function callApi<T extends z.ZodType>(
  access: ApiAccess,
  path: string,
  schema: T,
  call: ApiCall = {},
): Promise<z.infer<T>> {
  const response = await requestApi(access, path, call)
  return schema.parse(await response.json())
}

/** The answer itself. Throws ApiError for a refusal and FatalError `api-unreachable` where none came. */
export async function requestApi(access: ApiAccess, path: string, call: ApiCall = {}): Promise<Response> {
  const { method = 'GET', body, headers, signal, timeoutMs = TIMEOUT_MS } = call
  const isForm = body instanceof FormData
  const deadline = Number.isFinite(timeoutMs) ? [AbortSignal.timeout(timeoutMs)] : []
  const response = await fetch(new URL(path, access.url), {
    method,
    headers: {
      authorization: `Bearer ${access.token}`,
      ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
    signal: AbortSignal.any([...(signal ? [signal] : []), ...deadline]),
  }).catch((cause) => {
    signal?.throwIfAborted()
    throw new FatalError('api-unreachable', `the API at ${access.url} does not answer`, { cause })
  })
  if (response.ok) return response
  throw new ApiError(`${method} ${path}`, response.status, await problemOf(response))
}

/** A proxy in between answers in its own words. */
async function problemOf(response: Response): Promise<ErrorBody['error']> {
  const text = await response.text()
  try {
    return ErrorBody.parse(JSON.parse(text)).error
  } catch {
    return { code: 'unexplained', message: text.slice(0, 300) }
  }
}
