import { countOpenDeadLetters, type DeadLetterFilter, openDeadLetters } from '@app/jobs'
import { formatAge, formatTable, oneLine } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

const COLUMNS = [
  { title: 'DEAD LETTER' },
  { title: 'JOB' },
  { title: 'TYPE' },
  { title: 'ATTEMPTS', alignRight: true },
  { title: 'AGE', alignRight: true },
  { title: 'ERROR' },
]

/** The open dead letters, oldest first. */
export async function listDeadLetters(
  { db, width }: QueueContext,
  { filter, limit }: { filter: DeadLetterFilter; limit: number },
): Promise<Outcome> {
  const letters = await openDeadLetters(db, { ...filter, limit })
  if (letters.length === 0) {
    return { lines: [`No open dead letters${filter.queue ? ` in ${filter.queue}` : ''}.`], data: [] }
  }
  const nowMs = Date.now()
  const rows = letters.map((letter) => [
    letter.id,
    letter.jobId,
    letter.jobType,
    String(letter.attempts),
    formatAge(nowMs - letter.diedAt.getTime()),
    `${letter.errorCode}: ${oneLine(letter.message)}`,
  ])
  const total = letters.length < limit ? letters.length : await countOpenDeadLetters(db, filter)
  const more = total > letters.length ? [`The oldest ${letters.length} of ${total}.`] : []
  return { lines: [...formatTable(COLUMNS, rows, width), ...more], data: letters }
}
