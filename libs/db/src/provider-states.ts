import type { Db } from './connect.ts'
import { type KeptModelState, modelStates } from './provider-models.ts'
import { type ProviderStop, providerStops } from './provider-stops.ts'

/** A provider that some service is configured for. */
export interface ProviderState {
  provider: string
  models: (KeptModelState & { checkedAt: Date })[]
  stops: ProviderStop[]
}

/** What services found out lately about their providers, and what of these is stopped. */
export async function providerStates(db: Db): Promise<ProviderState[]> {
  const models = await modelStates(db)
  const stops = await providerStops(db)
  return [...new Set([...models, ...stops].map(({ provider }) => provider))].sort().map((provider) => {
    const own = models.filter((model) => model.provider === provider)
    return {
      provider,
      models: own,
      stops: stops.filter((stop) => stop.provider === provider && isInUse(stop, own)),
    }
  })
}

/** A key or a model that nobody is configured for any more is nobody's concern. */
const isInUse = ({ fingerprint, model }: ProviderStop, models: readonly KeptModelState[]): boolean =>
  models.length === 0 ||
  models.some((known) => known.fingerprint === fingerprint && (model === '' || known.model === model))
