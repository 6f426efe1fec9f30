import { type Db, keepModelState } from '@app/db'
import { type Logger, type Part, repeating } from '@app/runtime'
import { modelGone } from '../failures/status-failure.ts'
import type { ProviderMetrics } from '../provider-metrics.ts'
import {
  configuredProviders,
  fingerprintOf,
  type ProviderSetup,
  type ProvidersConfig,
  type ProviderUse,
} from '../providers-config.ts'
import { createStops, type Stops } from '../stops.ts'
import { daysUntil, judgeModel, type Listed, type ModelState } from './judge-model.ts'
import { askForModel, listModels } from './list-models.ts'

const DAY_MS = 86_400_000
/** A round that failed, because Postgres was away, is made up for this soon. */
const LOOK_EVERY_MS = 600_000

interface ModelCheckOptions {
  db: Db
  log: Logger
  config: ProvidersConfig
  metrics: ProviderMetrics
}

/** Asks the providers at the start and daily what they say of the configured models; what is gone is not asked any more. */
export function createModelCheck(options: ModelCheckOptions): Part {
  const { log, metrics } = options
  let states: ModelState[] = []
  let nextMs = 0
  metrics.metrics.gauge({
    name: 'provider_model_ends_in_days',
    help: 'How long a configured model still has, where its provider has said when it ends.',
    labelNames: ['provider', 'model'],
    collect: async () =>
      states.flatMap(({ provider, model, shutdownDate }) =>
        shutdownDate === undefined ? [] : [[{ provider, model }, daysUntil(shutdownDate, new Date())]],
      ),
  })
  return repeating({
    name: 'models of providers',
    everyMs: LOOK_EVERY_MS,
    log,
    work: async (signal) => {
      if (performance.now() < nextMs) return
      states = await checkModels(options, signal)
      nextMs = performance.now() + DAY_MS
    },
  })
}

/** One round. Where a provider can't be asked, what is known of its models' dates is all that is said of them. */
export async function checkModels(options: ModelCheckOptions, signal: AbortSignal): Promise<ModelState[]> {
  const stops = createStops(options)
  const states: ModelState[] = []
  for (const setup of configuredProviders(options.config)) {
    for (const state of await statesOf(setup, stops, options, signal)) {
      states.push(state)
      await keepModelState(options.db, { ...state, fingerprint: fingerprintOf(setup) })
      if (state.status === 'gone') {
        const failure = {
          ...modelGone({ provider: setup.provider, status: 404 }),
          sentence: state.warning ?? '',
        }
        await stops.failed({ setup, model: state.model, pass: { probes: [] } }, failure)
      }
      if (state.warning !== undefined) options.log.warn({ ...state }, state.warning)
    }
  }
  return states
}

async function statesOf(
  setup: ProviderSetup,
  stops: Stops,
  { config }: ModelCheckOptions,
  signal: AbortSignal,
): Promise<ModelState[]> {
  const { provider, key } = setup
  const asking = { config, signal, secrets: key ? [key] : [] }
  const list = await listModels(provider, asking)
  if (list && 'failure' in list && list.failure.code === 'provider-key-refused') {
    // Known before the first job finds it out.
    await stops.failed({ setup, model: '', pass: { probes: [] } }, list.failure)
  }
  const states: ModelState[] = []
  for (const [use, model] of Object.entries(setup.models) as [ProviderUse, string][]) {
    let listed: Listed = { is: 'unknown' }
    if (list && 'models' in list)
      listed = list.models.get(model) ?? (await askForModel(provider, model, asking))
    states.push(judgeModel(setup, { model, use }, listed, new Date()))
  }
  return states
}
