import type { ColumnType, Generated } from 'kysely'
import type { GeneratedTimestamp, Timestamp } from './column-types.ts'

interface ProviderCalls {
  id: Generated<string>
  at: GeneratedTimestamp
  provider: string
  model: string
  operation: string
  job_id: string | null
  owner_id: string | null
  api_key_id: string | null
  outcome: Generated<'under-way' | 'answered' | 'failed' | 'cancelled'>
  error_code: string | null
  input_tokens: ColumnType<string | null, number | null, number | null>
  cached_input_tokens: ColumnType<string | null, number | null, number | null>
  output_tokens: ColumnType<string | null, number | null, number | null>
  seconds: number | null
  cost_usd: number | null
  ended_at: Timestamp | null
}

interface ProviderStops {
  provider: string
  fingerprint: string
  model: Generated<string>
  code: string
  sentence: string
  is_outage: boolean
  stopped_at: GeneratedTimestamp
  probe_at: Timestamp
  probes: Generated<number>
}

interface ProviderModels {
  provider: string
  model: string
  use: string
  fingerprint: string
  status: 'available' | 'ending' | 'gone' | 'unknown'
  shutdown_date: ColumnType<Date | null, string | null, string | null>
  warning: string | null
  checked_at: GeneratedTimestamp
}

interface OwnerBudgets {
  owner_id: string
  usd_per_day: number
}

/** What is asked of providers, and what it may cost. */
export interface ProviderTables {
  provider_calls: ProviderCalls
  provider_stops: ProviderStops
  provider_models: ProviderModels
  owner_budgets: OwnerBudgets
}
