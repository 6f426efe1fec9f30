import { z } from 'zod'
import { Day } from './moments.ts'

const day = z.iso.date()
const PARTS = ['day', 'owner', 'provider', 'model', 'operation', 'job'] as const

/**
 * Usage of days (UTC), told apart by these parts, separated by commas. Default: the last 30 days by day, provider and
 * model.
 */
export const UsageQuery = z.object({
  from: Day.optional(),
  to: Day.optional(),
  by: z
    .string()
    .default('day,provider,model')
    .transform((list) => list.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(PARTS)))
    .meta({ type: 'string', description: `Some of ${PARTS.join(', ')}, separated by commas` }),
  owner_id: z.uuid().optional(),
  job_id: z.uuid().optional(),
  provider: z.string().min(1).max(50).optional(),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
})

const used = {
  calls: z.int(),
  failed: z.int(),
  /** Never ended, because their process died: they may have been billed. */
  unclear: z.int(),
  /** Answered, and nobody knows a price. */
  unpriced: z.int(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  /** Of sound, as billed. */
  seconds: z.number(),
  /** An estimate by the prices known when the call was made. */
  cost_usd: z.number(),
}

export const UsageRow = z.object({
  /** What was not asked for is null. */
  day: z.string().nullable(),
  owner_id: z.string().nullable(),
  provider: z.string().nullable(),
  model: z.string().nullable(),
  operation: z.string().nullable(),
  job_id: z.string().nullable(),
  ...used,
})
export type UsageRow = z.infer<typeof UsageRow>

export const Usage = z.object({
  from: day,
  to: day,
  /** Of all days asked for, whatever the limit leaves out below. */
  total: z.object(used),
  rows: z.array(UsageRow),
})
export type Usage = z.infer<typeof Usage>

export const ProviderView = z.object({
  provider: z.string(),
  /** What the services are configured for, and what the provider says of it. */
  models: z.array(
    z.object({
      use: z.string(),
      model: z.string(),
      status: z.enum(['available', 'ending', 'gone', 'unknown']),
      shutdown_date: day.nullable(),
      warning: z.string().nullable(),
      checked_at: z.iso.datetime(),
    }),
  ),
  /** Not asked for now; empty where all is well. */
  stops: z.array(
    z.object({
      /** Null: the whole provider. */
      model: z.string().nullable(),
      /** `outage`: the circuit is open. `refusal`: somebody must pay, or mend the configuration. */
      kind: z.enum(['outage', 'refusal']),
      code: z.string(),
      message: z.string(),
      since: z.iso.datetime(),
      /** From then on one call tries whether it works again. */
      next_try_at: z.iso.datetime(),
      failed_tries: z.int(),
    }),
  ),
  today: z.object(used),
})
export type ProviderView = z.infer<typeof ProviderView>

export const Providers = z.object({ providers: z.array(ProviderView) })
export type Providers = z.infer<typeof Providers>

/** Null takes it away: then the usual one holds. */
export const SetOwnerBudget = z.object({ usd_per_day: z.number().min(0).max(1_000_000).nullable() })
export type SetOwnerBudget = z.infer<typeof SetOwnerBudget>

export const OwnerBudget = z.object({ owner_id: z.uuid(), usd_per_day: z.number().nullable() })
export type OwnerBudget = z.infer<typeof OwnerBudget>
