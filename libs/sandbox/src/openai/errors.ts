import type { Answer } from '../server/wire.ts'

interface Refusal {
  status: number
  message: string
  type?: string
  code?: string | null
  param?: string | null
}

/** An error as OpenAI writes one. */
export function openaiError({
  status,
  message,
  type = 'invalid_request_error',
  code = null,
  param = null,
}: Refusal): Answer {
  return { status, body: { error: { message, type, param, code } } }
}

/** A field that is missing or of the wrong kind. */
export function invalid(message: string, param: string, code: string | null = null): Answer {
  return openaiError({ status: 400, message, param, code })
}
