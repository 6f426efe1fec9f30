import { sql } from 'kysely'
import type { Db } from './connect.ts'

/** By what usage may be told apart. */
export const USAGE_PARTS = ['day', 'owner', 'provider', 'model', 'operation', 'job'] as const
export type UsagePart = (typeof USAGE_PARTS)[number]

export interface UsageOf {
  /** Days of UTC, both included. */
  from: string
  to: string
  ownerId?: string | undefined
  jobId?: string | undefined
  provider?: string | undefined
}

/** A part that was not asked for is null. */
export interface UsageRow {
  day: string | null
  owner: string | null
  provider: string | null
  model: string | null
  operation: string | null
  job: string | null
  calls: number
  failed: number
  /** Calls that nobody ended and that began over an hour ago: their process died, and they may have been billed. */
  unclear: number
  /** Answered calls without a known price. */
  unpriced: number
  inputTokens: number
  outputTokens: number
  seconds: number
  costUsd: number
}

const COLUMNS: Record<UsagePart, string> = {
  day: `(at at time zone 'UTC')::date::text`,
  owner: 'owner_id::text',
  provider: 'provider',
  model: 'model',
  operation: 'operation',
  job: 'job_id::text',
}

/** What calls to providers used and cost, told apart by these parts; the dearest first within a day. */
export async function providerUsage(
  db: Db,
  of: UsageOf,
  by: readonly UsagePart[],
  most: number,
): Promise<UsageRow[]> {
  const parts = USAGE_PARTS.map((part) => {
    return sql`${by.includes(part) ? sql.raw(COLUMNS[part]) : sql.raw('null::text')} as ${sql.ref(part)}`
  })
  const groups = USAGE_PARTS.map((_, index) => sql.raw(String(index + 1)))
  const { rows } = await sql<UsageRow>`
    select ${sql.join(parts)}, count(*)::int as calls,
      (count(*) filter (where outcome = 'failed'))::int as failed,
      (count(*) filter (where outcome = 'under-way' and at < now() - interval '1 hour'))::int as unclear,
      (count(*) filter (where outcome = 'answered' and cost_usd is null))::int as unpriced,
      coalesce(sum(input_tokens), 0)::float8 as "inputTokens",
      coalesce(sum(output_tokens), 0)::float8 as "outputTokens",
      coalesce(sum(seconds), 0)::float8 as seconds, coalesce(sum(cost_usd), 0)::float8 as "costUsd"
    from provider_calls
    where at >= ${of.from}::date::timestamp at time zone 'UTC'
      and at < (${of.to}::date + 1)::timestamp at time zone 'UTC'
      ${of.ownerId === undefined ? sql`` : sql`and owner_id = ${of.ownerId}::uuid`}
      ${of.jobId === undefined ? sql`` : sql`and job_id = ${of.jobId}::uuid`}
      ${of.provider === undefined ? sql`` : sql`and provider = ${of.provider}`}
    group by ${sql.join(groups)}
    order by day desc nulls last, "costUsd" desc, calls desc, ${sql.join(groups.slice(1))}
    limit ${most}`.execute(db)
  return rows
}

/** Sets an owner's own daily budget, in US dollars; undefined takes it away, so that the usual one holds. */
export async function setOwnerBudget(db: Db, ownerId: string, usdPerDay: number | undefined): Promise<void> {
  if (usdPerDay === undefined) {
    await db.deleteFrom('owner_budgets').where('owner_id', '=', ownerId).execute()
    return
  }
  await db
    .insertInto('owner_budgets')
    .values({ owner_id: ownerId, usd_per_day: usdPerDay })
    .onConflict((conflict) => conflict.column('owner_id').doUpdateSet({ usd_per_day: usdPerDay }))
    .execute()
}
