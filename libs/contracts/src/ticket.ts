import { z } from 'zod'

/** As large as Postgres' int: a larger one would fail the claims of its whole batch. */
const fence = z.int().nonnegative().max(2_147_483_647)

/** What this version of us writes and reads. */
export const TICKET_VERSION = 1

/** A job's entry on its stream: ids only, so that Redis stays small and can be rebuilt from Postgres. */
export const Ticket = z.object({
  v: z.literal(TICKET_VERSION),
  type: z.string(),
  jobId: z.uuid(),
  fence,
  traceparent: z.string().optional(),
})
export type Ticket = z.infer<typeof Ticket>

/** What a ticket of any version says, for whoever can't read the rest. */
export const AnyTicket = z.object({ v: z.int().positive(), jobId: z.uuid(), fence })

/** Larger tickets are refused at publish: content belongs in Postgres and object storage. */
export const MAX_TICKET_BYTES = 1024
