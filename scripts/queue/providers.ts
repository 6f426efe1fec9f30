import { type ProviderState, providerStates } from '@app/db'
import { formatAge, formatTable, oneLine } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

const COLUMNS = ['PROVIDER', 'USE', 'MODEL', 'STATUS', 'ENDS', ''].map((title) => ({ title }))

/** What the services are configured for, what is stopped, and why. */
export async function showProviders({ db, width }: QueueContext): Promise<Outcome> {
  const states = await providerStates(db)
  if (states.length === 0) return { lines: ['No service is configured for a remote provider.'], data: states }
  const rows = states.flatMap((state) => [...modelsOf(state), ...stopsOf(state)])
  return { lines: formatTable(COLUMNS, rows, width), data: states }
}

const modelsOf = ({ provider, models }: ProviderState): string[][] =>
  models.map(({ use, model, status, shutdownDate, warning }) => [
    ...[provider, use, model, status, shutdownDate ?? '-', warning ?? ''],
  ])

const stopsOf = ({ provider, stops }: ProviderState): string[][] =>
  stops.map(({ model, isOutage, stoppedAt, sentence }) => [
    ...[provider, '-', model === '' ? 'all' : model, isOutage ? 'circuit open' : 'stopped', '-'],
    `for ${formatAge(Date.now() - stoppedAt.getTime())}: ${oneLine(sentence)}`,
  ])
