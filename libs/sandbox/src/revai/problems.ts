import type { z } from 'zod'
import type { Answer } from '../server/wire.ts'

const HEADERS = { 'content-type': 'application/problem+json' }
const TYPES = 'https://www.rev.ai/api/v1/errors'

/** An error as Rev.ai writes one (RFC 7807). */
export function problem(status: number, title: string, rest: Record<string, unknown> = {}): Answer {
  return { status, headers: HEADERS, body: { title, status, ...rest } }
}

export function badParameters(error: z.ZodError): Answer {
  const parameters: Record<string, string[]> = {}
  for (const { path, message } of error.issues) {
    const name = path.join('.') || 'options'
    parameters[name] = [...(parameters[name] ?? []), message]
  }
  return problem(400, "Your request parameters didn't validate", {
    type: `${TYPES}/invalid-parameters`,
    parameters,
  })
}

export function missingSource(): Answer {
  const parameters = { source_config: ['The source_config field is required'] }
  return problem(400, "Your request parameters didn't validate", {
    type: `${TYPES}/invalid-parameters`,
    parameters,
  })
}

export function noSuchJob(): Answer {
  return problem(404, 'could not find job', { type: `${TYPES}/job-not-found` })
}

export function wrongState(current: string, allowed: readonly string[], what: string): Answer {
  return problem(409, 'Job is in invalid state', {
    type: `${TYPES}/invalid-job-state`,
    ...{ detail: `Job is in invalid state to ${what}`, current_value: current, allowed_values: allowed },
  })
}
