import { sql } from 'kysely'
import type { Db } from './connect.ts'

export interface BegunCall {
  provider: string
  model: string
  operation: string
  jobId?: string | undefined
  ownerId?: string | undefined
}

/** The API key under which a job's clip was asked for; null where it was by none. */
const keyOfJob = (jobId: string | undefined) => sql<string | null>`(
  select clip.api_key_id from processing_jobs job join clips clip on clip.id = job.subject_id
  where job.id = ${jobId ?? null}::uuid and job.subject_kind = 'clip')`

/** Notes a call before it is made: should nobody be left to end it, it shows that it may have been billed. Its id. */
export async function beginProviderCall(db: Db, call: BegunCall): Promise<string> {
  const { id } = await db
    .insertInto('provider_calls')
    .values({
      ...{ provider: call.provider, model: call.model, operation: call.operation },
      ...{ job_id: call.jobId ?? null, owner_id: call.ownerId ?? null },
      api_key_id: keyOfJob(call.jobId),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export interface EndedCall {
  outcome: 'answered' | 'failed' | 'cancelled'
  errorCode?: string | undefined
  inputTokens?: number | undefined
  cachedInputTokens?: number | undefined
  outputTokens?: number | undefined
  seconds?: number | undefined
  costUsd?: number | undefined
}

/** How the call ended, and what it used. */
export async function endProviderCall(db: Db, id: string, ended: EndedCall): Promise<void> {
  await db
    .updateTable('provider_calls')
    .set({
      outcome: ended.outcome,
      error_code: ended.errorCode ?? null,
      input_tokens: whole(ended.inputTokens),
      cached_input_tokens: whole(ended.cachedInputTokens),
      output_tokens: whole(ended.outputTokens),
      seconds: ended.seconds ?? null,
      cost_usd: ended.costUsd ?? null,
      ended_at: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute()
}

const whole = (count: number | undefined): number | null => (count === undefined ? null : Math.round(count))

/** What may be spent today (UTC), and what was; a budget that nobody has set is null, and so is what was spent of it. */
export interface BudgetState {
  ownerLimitUsd: number | null
  ownerSpentUsd: number | null
  /** Of the API key under which the job's clip was asked for. */
  keyId: string | null
  keyLimitUsd: number | null
  keySpentUsd: number | null
  allLimitUsd: number | null
  allSpentUsd: number | null
  /** Until a new day begins. */
  dayEndsInMs: number
}

const SPENT_TODAY = sql`select coalesce(sum(cost_usd), 0)::float8 from provider_calls
  where at >= date_trunc('day', now() at time zone 'UTC') at time zone 'UTC'`

const DAY_ENDS_IN_MS = sql`(extract(epoch from date_trunc('day', now() at time zone 'UTC') + interval '1 day'
  - (now() at time zone 'UTC')) * 1000)::float8`

/** The day's budgets, by Postgres' clock. The owner's own budget goes before the usual one. */
export async function budgetState(
  db: Db,
  { ownerId, jobId }: { ownerId?: string | undefined; jobId?: string | undefined },
  usual: { ownerUsd?: number | undefined; allUsd?: number | undefined },
): Promise<BudgetState> {
  const { rows } = await sql<BudgetState>`
    with owner (usd) as (
      select case when ${ownerId ?? null}::uuid is null then null
        else coalesce((select usd_per_day from owner_budgets where owner_id = ${ownerId ?? null}::uuid),
          ${usual.ownerUsd ?? null}::float8) end
    )
    select owner.usd as "ownerLimitUsd", ${usual.allUsd ?? null}::float8 as "allLimitUsd",
      case when owner.usd is not null then (${SPENT_TODAY} and owner_id = ${ownerId ?? null}::uuid) end as "ownerSpentUsd",
      key.id as "keyId", key.usd_per_day as "keyLimitUsd",
      case when key.usd_per_day is not null then (${SPENT_TODAY} and api_key_id = key.id) end as "keySpentUsd",
      case when ${usual.allUsd ?? null}::float8 is not null then (${SPENT_TODAY}) end as "allSpentUsd",
      ${DAY_ENDS_IN_MS} as "dayEndsInMs"
    from owner left join api_keys key on key.id = ${keyOfJob(jobId)}`.execute(db)
  const [state] = rows
  if (!state) throw new Error('a select without rows to choose from gave none')
  return state
}

/** What an API key's clips have cost today (UTC), and until when that is counted. */
export async function spentByKey(db: Db, keyId: string): Promise<{ spentUsd: number; dayEndsInMs: number }> {
  const { rows } = await sql<{ spentUsd: number; dayEndsInMs: number }>`
    select (${SPENT_TODAY} and api_key_id = ${keyId}::uuid) as "spentUsd", ${DAY_ENDS_IN_MS} as "dayEndsInMs"`.execute(
    db,
  )
  return rows[0] ?? { spentUsd: 0, dayEndsInMs: 0 }
}
