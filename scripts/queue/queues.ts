import { type QueueState, queueStates } from '@app/jobs'
import { formatAge, formatTable } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'

const STATES = ['pending', 'queued', 'running', 'waiting', 'failed'] as const

const COLUMNS = [
  { title: 'QUEUE' },
  ...[...STATES, 'parked', 'oldest', 'workers', 'slots', 'in redis'].map((title) => ({
    title: title.toUpperCase(),
    alignRight: true,
  })),
  { title: '' },
]

/** How much there is to do, queue by queue, and who does it. */
export async function showQueues({ db, bus, width }: QueueContext): Promise<Outcome> {
  const states = await queueStates(db, bus)
  const note = states.some((state) => state.entries === null) ? ['Redis does not answer.'] : []
  return { lines: [...formatTable(COLUMNS, states.map(rowOf), width), ...note], data: states }
}

function rowOf(state: QueueState): string[] {
  const { queue, jobs, parked, oldestWaitingMs, workers, slots, entries } = state
  return [
    queue,
    ...STATES.map((status) => String(jobs[status] ?? 0)),
    String(parked),
    oldestWaitingMs === null ? '-' : formatAge(oldestWaitingMs),
    String(workers),
    String(slots),
    entries === null ? '?' : String(entries),
    pauseOf(state),
  ]
}

function pauseOf({ control }: QueueState): string {
  if (!control) return ''
  const why = control.reason === null ? '' : `: ${control.reason}`
  return `${control.draining ? 'drained' : 'paused'} by ${control.pausedBy}${why}`
}
