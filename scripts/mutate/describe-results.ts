import { formatTable } from '../queue/format-table.ts'
import type { MutationResult } from './run-set.ts'

/** A table of all mutations, then why those that were not killed were not, and how it went. */
export function describeResults(results: readonly MutationResult[]): string[] {
  const table = formatTable(
    [
      { title: 'VERDICT' },
      { title: 'ROWS' },
      { title: 'MUTATION' },
      { title: 'S', alignRight: true },
      { title: 'TESTS', alignRight: true },
      { title: 'SWITCHED OFF' },
    ],
    results.map(({ verdict, rows, id, seconds, tests, off }) => [
      ...[verdict, rows.join(', ') || '-', id],
      ...[String(seconds), String(tests.length), off],
    ]),
  )
  const { killed } = countResults(results)
  return [...table, '', ...results.flatMap(whyNotKilled), `${killed} of ${results.length} killed`]
}

/** How many were killed, and which were not. */
export function countResults(results: readonly MutationResult[]): { killed: number; notKilled: string[] } {
  const notKilled = results.filter(({ verdict }) => verdict !== 'killed').map(({ id }) => id)
  return { killed: results.length - notKilled.length, notKilled }
}

function whyNotKilled({ id, verdict, tests }: MutationResult): string[] {
  if (verdict === 'killed') return []
  const lines = tests.map(({ outcome, title, why }) => `  ${outcome}: ${title}${why ? `: ${why}` : ''}`)
  return [`${id} ${verdict}:`, ...lines, '']
}
