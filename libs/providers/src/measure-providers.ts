import { type Db, providerStates } from '@app/db'
import type { Metrics } from '@app/runtime'

/** What is stopped now, as Postgres has it; asked at each scrape, and left out while that is away. */
export function measureProviders(metrics: Metrics, db: Db): void {
  metrics.gauge({
    name: 'provider_stopped',
    help: '1 where a provider, or a model of it, is not asked for now: refused, or its circuit is open.',
    labelNames: ['provider', 'model', 'code'],
    collect: async () =>
      (await providerStates(db)).flatMap(({ stops }) =>
        stops.map(
          ({ provider, model, code }): [{ provider: string; model: string; code: string }, number] => [
            { provider, model, code },
            1,
          ],
        ),
      ),
  })
}
