import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import type { Logger, Metrics, Part } from '@app/runtime'
import { type AnswerCache, createAnswerCache, noCache } from './answer-cache.ts'
import type { ProviderCalls } from './calls.ts'
import { createModelCheck } from './models/model-check.ts'
import { createProviderCalls } from './provider-calls.ts'
import { createProviderMetrics } from './provider-metrics.ts'
import type { ProvidersConfig } from './providers-config.ts'

const MS_PER_HOUR = 3_600_000

export interface Providers {
  calls: ProviderCalls
  cache: AnswerCache
  /** Must run while calls are made; after the connections, before the workers. */
  parts: Part[]
}

interface OpenProvidersOptions {
  config: ProvidersConfig
  db: Db
  bus: Bus
  log: Logger
  metrics: Metrics
}

/** All that a service needs to call providers. */
export function openProviders({ config, db, bus, log, metrics: registry }: OpenProvidersOptions): Providers {
  const metrics = createProviderMetrics(registry)
  const { part, ...calls } = createProviderCalls({ db, log, config, metrics })
  const cache =
    config.PROVIDER_CACHE === 'off'
      ? noCache
      : createAnswerCache({
          ...{ redis: bus.redis, prefix: bus.prefix, log, metrics },
          lifetimeMs: Math.round(config.PROVIDER_CACHE_HOURS * MS_PER_HOUR),
          mostBytes: Math.round(config.PROVIDER_CACHE_MAX_MB * 1_000_000),
        })
  return { calls, cache, parts: [part, createModelCheck({ db, log, config, metrics })] }
}
