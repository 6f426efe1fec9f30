import type { Hook, z } from '@hono/zod-openapi'
import type { ApiEnv } from './env.ts'
import { type FieldProblem, Refusal } from './refusal.ts'

/** For OpenAPIHono's `defaultHook`: a body or query that breaks its schema is refused field by field. */
export const refuseInvalid: Hook<unknown, ApiEnv, string, void> = (result) => {
  if (result.success) return
  const details = problemsOf(result.error)
  if (result.target === 'query')
    throw new Refusal('invalid-query', 'the query is not as it should be', { details })
  if (result.target === 'header')
    throw new Refusal('invalid-header', 'a header is not as it should be', { details })
  throw new Refusal('invalid-body', 'the body is not as it should be', { details })
}

/** Zod's issues as field and problem; `within` is put before each path. */
export function problemsOf(error: z.ZodError, within: readonly PropertyKey[] = []): FieldProblem[] {
  return error.issues.slice(0, MOST_PROBLEMS).map((issue) => ({
    field: [...within, ...issue.path].map(String).join('.') || '(body)',
    problem: issue.message,
  }))
}

/** A transcript of an outside worker may be wrong in every word of a long book. */
const MOST_PROBLEMS = 50
