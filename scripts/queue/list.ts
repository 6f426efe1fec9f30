import { openDeadLetters } from '@app/jobs'
import { formatAge, formatTable, oneLine } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

const MOST = 1_000

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
  { queue, asJson }: { queue: string | undefined; asJson: boolean },
): Promise<Outcome> {
  const letters = await openDeadLetters(db, { ...(queue === undefined ? {} : { queue }), limit: MOST })
  if (asJson) return { lines: [JSON.stringify(letters)], failures: [] }
  if (letters.length === 0)
    return { lines: [`No open dead letters${queue ? ` in ${queue}` : ''}.`], failures: [] }
  const nowMs = Date.now()
  const rows = letters.map((letter) => [
    letter.id,
    letter.jobId,
    letter.jobType,
    String(letter.attempts),
    formatAge(nowMs - letter.diedAt.getTime()),
    `${letter.errorCode}: ${oneLine(letter.message)}`,
  ])
  const more = letters.length === MOST ? [`The oldest ${MOST}; there may be more.`] : []
  return { lines: [...formatTable(COLUMNS, rows, width), ...more], failures: [] }
}
