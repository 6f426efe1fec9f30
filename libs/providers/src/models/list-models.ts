import type { Secret } from '@app/runtime'
import { geminiClient, openaiClient } from '../clients.ts'
import type { ProviderFailure } from '../failure.ts'
import { makeCall } from '../make-call.ts'
import type { ProviderName, ProvidersConfig } from '../providers-config.ts'
import type { Listed } from './judge-model.ts'

const PATIENCE_MS = 20_000
/** Nobody has more; a list without end must not keep us. */
const MOST_MODELS = 5_000

export type ModelList = { models: ReadonlyMap<string, Listed> } | { failure: ProviderFailure }

interface Asking {
  config: ProvidersConfig
  secrets: readonly Secret[]
  signal: AbortSignal
}

/** All models that a provider lists; undefined where it lists none. */
export async function listModels(provider: ProviderName, asking: Asking): Promise<ModelList | undefined> {
  if (provider === 'revai') return undefined
  const list = provider === 'openai' ? openaiModels : geminiModels
  return await asked(provider, asking, async (signal) => ({ models: await list(asking.config, signal) }))
}

/** What a provider says of one model that its list does not name: names of versions to come are not in it. */
export async function askForModel(provider: ProviderName, model: string, asking: Asking): Promise<Listed> {
  const { config } = asking
  const answer = await asked(provider, asking, async (signal): Promise<{ found: Listed }> => {
    if (provider === 'openai') {
      const found = await openaiClient(config).models.retrieve(model, { signal })
      return { found: thereUntil(found.shutdown_date) }
    }
    await geminiClient(config).models.get({ model, config: { abortSignal: signal } })
    return { found: { is: 'there' } }
  })
  if ('found' in answer) return answer.found
  return { is: answer.failure.code === 'provider-model-gone' ? 'gone' : 'unknown' }
}

async function asked<T extends object>(
  provider: ProviderName,
  { secrets, signal }: Asking,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | { failure: ProviderFailure }> {
  const work = async (abort: AbortSignal) => ({ value: await ask(abort) })
  const end = await makeCall({ provider, signal, timeoutMs: PATIENCE_MS }, work, secrets)
  if (end.kind === 'thrown') throw end.error
  return end.kind === 'answered' ? end.answered.value : { failure: end.failure }
}

async function openaiModels(config: ProvidersConfig, signal: AbortSignal): Promise<Map<string, Listed>> {
  const models = new Map<string, Listed>()
  for await (const { id, shutdown_date } of openaiClient(config).models.list({ signal })) {
    models.set(id, thereUntil(shutdown_date))
    if (models.size >= MOST_MODELS) break
  }
  return models
}

async function geminiModels(config: ProvidersConfig, signal: AbortSignal): Promise<Map<string, Listed>> {
  const models = new Map<string, Listed>()
  const pager = await geminiClient(config).models.list({ config: { pageSize: 1_000, abortSignal: signal } })
  for await (const { name = '' } of pager) {
    models.set(name.replace(/^models\//, ''), { is: 'there' })
    if (models.size >= MOST_MODELS) break
  }
  return models
}

/** What is no date is none: compatible servers answer as they like. */
const thereUntil = (date: unknown): Listed => ({
  is: 'there',
  shutdownDate: typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) ? date : undefined,
})
