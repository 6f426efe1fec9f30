import { providerUsage, type UsageRow } from '@app/db'
import { formatTable } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

const DAY_MS = 86_400_000
const MOST_ROWS = 1_000

const COLUMNS = [
  ...['DAY', 'PROVIDER', 'MODEL', 'OPERATION'].map((title) => ({ title })),
  ...['CALLS', 'FAILED', 'UNCLEAR', 'USD'].map((title) => ({ title, alignRight: true })),
]

/** What calls to providers cost, day by day (UTC). */
export async function showSpend({ db, width }: QueueContext, { days }: { days: number }): Promise<Outcome> {
  const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10)
  const span = { from: day(days - 1), to: day(0) }
  const rows = await providerUsage(db, span, ['day', 'provider', 'model', 'operation'], MOST_ROWS)
  const total = rows.reduce((sum, { costUsd }) => sum + costUsd, 0)
  const lines = [
    ...formatTable(COLUMNS, rows.map(rowOf), width),
    `$${total.toFixed(2)} in all, by our estimate.`,
  ]
  return { lines, data: { ...span, rows } }
}

const rowOf = ({ day, provider, model, operation, ...row }: UsageRow): string[] => [
  ...[day ?? '', provider ?? '', model ?? '', operation ?? ''],
  ...[String(row.calls), String(row.failed), String(row.unclear), row.costUsd.toFixed(4)],
]
