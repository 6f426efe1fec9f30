import type { ErrorBody } from '@app/contracts'
import { isConnectionError, sqlState } from '@app/db'
import { isMediaRefusal, type MediaRefusal, mediaRefusals, NOT_MEDIA } from '@app/media'
import { FatalError, RetryLaterError } from '@app/runtime'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { statusOfCode } from '../plan/status-of-code.ts'
import type { ApiEnv } from './env.ts'
import { Refusal } from './refusal.ts'

/** The one place where an error becomes an answer. What we did not foresee is logged and shown as a bare 500. */
export function answerError(error: Error, c: Context<ApiEnv>): Response {
  const { status, body, retryAfterS } = answerFor(error, c.req.method === 'GET' ? 'query' : 'body')
  const log = c.get('log')
  if (status >= 500) log?.error({ err: error, status }, 'request failed')
  else log?.debug({ err: error, status }, 'request refused')
  if (retryAfterS !== undefined) c.header('retry-after', String(retryAfterS))
  if (status === 401) c.header('www-authenticate', 'Bearer')
  return c.json(body, status as 500)
}

/** Postgres on NUL in text, and on NUL or half a surrogate pair in JSON. */
const UNSTORABLE = new Set(['22021', '22P02', '22P05'])

interface ErrorAnswer {
  status: number
  body: ErrorBody
  retryAfterS?: number
}

/** Status and body for an error, whoever sends them. `given` is what the request was told by. */
export function answerFor(error: Error, given: 'query' | 'body' = 'body'): ErrorAnswer {
  if (error instanceof HTTPException) return ofFramework(error)
  if (error instanceof RetryLaterError) {
    return { ...answer(503, error.code, error.message), retryAfterS: Math.ceil(error.retryAfterMs / 1000) }
  }
  if (error instanceof FatalError) {
    if (isMediaRefusal(error.code)) return ofMedia(error.code, error.message)
    const status = statusOfCode(error.code)
    if (status !== undefined) {
      return {
        ...answer(status, error.code, error.message, detailsOf(error)),
        ...(error instanceof Refusal && error.retryAfterS !== undefined
          ? { retryAfterS: error.retryAfterS }
          : {}),
      }
    }
  }
  if (UNSTORABLE.has(sqlState(error) ?? '')) {
    return answer(422, `invalid-${given}`, 'a text holds a character that can not be stored, such as NUL')
  }
  if (isConnectionError(error)) {
    return {
      ...answer(503, 'database-unavailable', 'the database does not answer right now'),
      retryAfterS: 5,
    }
  }
  return answer(500, 'internal', 'something went wrong here; the request id finds it in the log')
}

/** Hono's own refusals, in our words: it says what was wrong with a body before our code sees it. */
function ofFramework({ status, message }: HTTPException): ErrorAnswer {
  if (status === 415) return answer(415, 'unsupported-media-type', 'the body must be JSON (application/json)')
  if (status === 400) return answer(400, 'malformed-json', 'the body is not well-formed JSON')
  if (status < 500) return answer(status, 'bad-request', message)
  return answer(500, 'internal', 'something went wrong here; the request id finds it in the log')
}

/** Not media at all: 415. Media that can't be used: 422. Either way with what was found instead. */
function ofMedia(code: MediaRefusal, found: string): ErrorAnswer {
  return answer(NOT_MEDIA.includes(code) ? 415 : 422, code, `${mediaRefusals[code]} ${found}`)
}

function detailsOf(error: FatalError): Refusal['details'] {
  return error instanceof Refusal ? error.details : []
}

function answer(
  status: number,
  code: string,
  message: string,
  details: Refusal['details'] = [],
): ErrorAnswer {
  return {
    status,
    body: { error: { code, message, ...(details.length > 0 ? { details: [...details] } : {}) } },
  }
}
