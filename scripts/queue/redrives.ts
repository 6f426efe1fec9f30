import { redriveProgress, redrives, stopRedrive } from '@app/jobs'
import { formatAge, formatTable } from './format-table.ts'
import type { Outcome, QueueContext } from './outcome.ts'
import { describeProgress } from './redrive-many.ts'

const COLUMNS = [
  { title: 'REDRIVE' },
  { title: 'STATUS' },
  { title: 'QUEUE' },
  { title: 'GROUP' },
  { title: 'A SECOND', alignRight: true },
  { title: 'AGE', alignRight: true },
  { title: 'BY' },
]

/** The last redrives, or how far one is. */
export async function showRedrives(
  { db, width }: QueueContext,
  { id }: { id: string | undefined },
): Promise<Outcome> {
  if (id !== undefined) return await showOne(db, id)
  const all = await redrives(db)
  if (all.length === 0) return { lines: ['No redrives yet.'], data: [] }
  const nowMs = Date.now()
  const rows = all.map((redrive) => [
    redrive.id,
    redrive.status,
    redrive.queue ?? 'all',
    redrive.fingerprint ?? 'all',
    String(redrive.perSecond),
    formatAge(nowMs - redrive.createdAt.getTime()),
    redrive.requestedBy,
  ])
  return { lines: formatTable(COLUMNS, rows, width), data: all }
}

/** Nothing more is given back from here on. */
export async function stop({ db, who }: QueueContext, { id }: { id: string }): Promise<Outcome> {
  await stopRedrive(db, id, who)
  return await showOne(db, id)
}

async function showOne(db: QueueContext['db'], id: string): Promise<Outcome> {
  const progress = await redriveProgress(db, id)
  const { status, stopReason } = progress
  const state = stopReason === null ? status : `${status}: ${stopReason}`
  return { lines: [`redrive ${id} is ${state}`, describeProgress(progress)], data: progress }
}
