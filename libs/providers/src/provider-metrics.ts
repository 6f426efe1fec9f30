import { createMetrics, type Metrics } from '@app/runtime'

/** From a short question to a long recording. */
const CALL_BUCKETS_S = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

export type ProviderMetrics = ReturnType<typeof createProviderMetrics>

/** What is counted of the calls that this process makes; ARCHITECTURE.md has the list. */
export function createProviderMetrics(metrics: Metrics = createMetrics()) {
  return {
    metrics,
    calls: metrics.counter({
      name: 'provider_calls_total',
      help: 'Calls to providers that ended, by how: answered, failed or cancelled.',
      labelNames: ['provider', 'model', 'operation', 'outcome'],
    }),
    failures: metrics.counter({
      name: 'provider_failures_total',
      help: 'Calls to providers that failed, by what became of them and why.',
      labelNames: ['provider', 'kind', 'code'],
    }),
    seconds: metrics.histogram({
      name: 'provider_call_duration_seconds',
      help: 'From the request to the end of its answer.',
      labelNames: ['provider', 'operation'],
      buckets: CALL_BUCKETS_S,
    }),
    costUsd: metrics.counter({
      name: 'provider_cost_usd_total',
      help: 'What the calls of this process cost, as estimated by the prices we know.',
      labelNames: ['provider', 'model', 'operation'],
    }),
    stops: metrics.counter({
      name: 'provider_stops_total',
      help: 'Times this process found a provider, or a model of it, not worth asking any more.',
      labelNames: ['provider', 'code'],
    }),
    cache: metrics.counter({
      name: 'provider_cache_total',
      help: 'Questions to the cache of answers: hit, miss, or broken where Redis did not answer.',
      labelNames: ['kind', 'outcome'],
    }),
    overBudget: metrics.counter({
      name: 'provider_calls_over_budget_total',
      help: 'Calls that were put off because the budget of the day is spent.',
      labelNames: ['provider'],
    }),
  }
}
