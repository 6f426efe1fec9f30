import { z } from 'zod'

/** A job's entry on its stream: ids only, so that Redis stays small and can be rebuilt from Postgres. */
export const Ticket = z.object({
  v: z.literal(1),
  type: z.string(),
  jobId: z.uuid(),
  /** As large as Postgres' int: a larger one would fail the claims of its whole batch. */
  fence: z.int().nonnegative().max(2_147_483_647),
  traceparent: z.string().optional(),
})
export type Ticket = z.infer<typeof Ticket>

/** Larger tickets are refused at publish: content belongs in Postgres and object storage. */
export const MAX_TICKET_BYTES = 1024
