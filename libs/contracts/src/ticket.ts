import { z } from 'zod'

/** A job's entry on its stream: ids only, so that Redis stays small and can be rebuilt from Postgres. */
export const Ticket = z.object({
  v: z.literal(1),
  type: z.string(),
  jobId: z.uuid(),
  fence: z.int().nonnegative(),
  traceparent: z.string().optional(),
})
export type Ticket = z.infer<typeof Ticket>

/** Larger tickets are refused at publish: content belongs in Postgres and object storage. */
export const MAX_TICKET_BYTES = 1024
