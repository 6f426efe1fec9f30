import { z } from 'zod'

/** The body of every refusal. `details` names the field and the problem where a body or query was wrong. */
export const ErrorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.array(z.object({ field: z.string(), problem: z.string() })).optional(),
  }),
})
export type ErrorBody = z.infer<typeof ErrorBody>
