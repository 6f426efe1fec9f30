import { type DeadLetterFilter, deadLetterGroups } from '@app/jobs'
import { formatAge, formatTable, oneLine } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

const COLUMNS = [
  { title: 'GROUP' },
  { title: 'COUNT', alignRight: true },
  { title: 'FIRST', alignRight: true },
  { title: 'LAST', alignRight: true },
  { title: 'TYPES' },
  { title: 'ERROR' },
]

/** What goes wrong, the most frequent first. */
export async function listGroups(
  { db, width }: QueueContext,
  { filter }: { filter: DeadLetterFilter },
): Promise<Outcome> {
  const groups = await deadLetterGroups(db, filter)
  if (groups.length === 0) return { lines: ['No open dead letters.'], data: [] }
  const nowMs = Date.now()
  const rows = groups.map((group) => [
    group.fingerprint,
    String(group.count),
    formatAge(nowMs - group.firstSeenAt.getTime()),
    formatAge(nowMs - group.lastSeenAt.getTime()),
    group.jobTypes.join(', '),
    `${group.errorCode}: ${oneLine(group.sampleMessage)}`,
  ])
  return { lines: formatTable(COLUMNS, rows, width), data: groups }
}
