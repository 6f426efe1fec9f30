import type { ProviderView, UsageRow as UsageRowView } from '@app/contracts'
import type { ProviderState, UsageRow } from '@app/db'

/** A provider as operators see it over HTTP. */
export function providerView(state: ProviderState, today: ProviderView['today']): ProviderView {
  return {
    provider: state.provider,
    models: state.models.map(({ use, model, status, shutdownDate, warning, checkedAt }) => ({
      ...{ use, model, status, shutdown_date: shutdownDate ?? null, warning: warning ?? null },
      checked_at: checkedAt.toISOString(),
    })),
    stops: state.stops.map((stop) => ({
      model: stop.model === '' ? null : stop.model,
      kind: stop.isOutage ? 'outage' : 'refusal',
      code: stop.code,
      message: stop.sentence,
      since: stop.stoppedAt.toISOString(),
      next_try_at: stop.probeAt.toISOString(),
      failed_tries: stop.probes,
    })),
    today,
  }
}

/** What was used; nothing, where nobody called. */
export function usageOf(row: UsageRow | undefined): ProviderView['today'] {
  const { calls = 0, failed = 0, unclear = 0, unpriced = 0, seconds = 0 } = row ?? {}
  return {
    ...{ calls, failed, unclear, unpriced, seconds },
    input_tokens: row?.inputTokens ?? 0,
    output_tokens: row?.outputTokens ?? 0,
    // Of sums of estimates, a millionth of a dollar is more than anybody knows.
    cost_usd: Math.round((row?.costUsd ?? 0) * 1e6) / 1e6,
  }
}

export function usageRow(row: UsageRow): UsageRowView {
  const { day, owner, provider, model, operation, job } = row
  return { day, owner_id: owner, provider, model, operation, job_id: job, ...usageOf(row) }
}
