import type { Bus } from '@app/bus'
import { TICKET_VERSION } from '@app/contracts'
import type { Db } from '@app/db'
import { abortableDelay } from '@app/runtime'
import { type JobStore, jobStore } from './job-store.ts'
import { BATCH, type DueJob, type Marked } from './mark-due.ts'
import type { Windows } from './plan-admission.ts'
import type { SentJob } from './sent-tickets.ts'

/** Where nobody says how much may stand: all that one would send in one go. */
const EVERYTHING: Windows = { byQueue: new Map(), others: 10_000 }
/** Another dispatcher decides in a few milliseconds; the wait grows, so that many don't ask in step. */
const BUSY_MS = 3
const MOST_BUSY_MS = 50

interface DispatchOptions {
  windows?: Windows
  /** False leaves marks of dispatchers that died to a later call. Default true. */
  staleMarks?: boolean
  signal?: AbortSignal
  /** Takes what was sent, to confirm it soon. Default: confirmed before this answers. */
  onSent?: (sent: readonly SentJob[]) => unknown
}

/** `sendDue` for a database. */
export const dispatchDue = (db: Db, bus: Bus, options?: DispatchOptions): Promise<number> =>
  sendDue(jobStore(db), bus, options)

/**
 * Publishes tickets of jobs that are due, as far as the windows have room; returns how many. No lock is held across
 * Redis: rows are marked first and confirmed after. A crash in between publishes a ticket twice, and the second one
 * claims nothing.
 */
export async function sendDue(
  jobs: JobStore,
  bus: Bus,
  { windows = EVERYTHING, staleMarks = true, signal, onSent = jobs.confirmSent }: DispatchOptions = {},
): Promise<number> {
  let published = 0
  while (!signal?.aborted) {
    const marked = await untilMine(() => jobs.markDue(windows), signal)
    if (!marked) break
    published += await send(bus, marked.due, onSent)
    const more = marked.placesLeft || marked.due.length >= BATCH
    if (!more && (!staleMarks || (await jobs.freeStaleMarks()) === 0)) break
  }
  return published
}

async function untilMine(
  mark: () => Promise<Marked | undefined>,
  signal: AbortSignal | undefined,
): Promise<Marked | undefined> {
  for (let waitMs = BUSY_MS; !signal?.aborted; waitMs = Math.min(waitMs * 2, MOST_BUSY_MS)) {
    const marked = await mark()
    if (marked) return marked
    await abortableDelay(waitMs * (0.5 + Math.random()), signal).catch(() => {})
  }
  return undefined
}

async function send(
  bus: Bus,
  due: readonly DueJob[],
  onSent: NonNullable<DispatchOptions['onSent']>,
): Promise<number> {
  const entryIds = await bus.publish(
    due.map(({ id, queue, lane, type, fence, traceparent }) => ({
      queue,
      lane,
      ticket: { v: TICKET_VERSION, type, jobId: id, fence, ...(traceparent === null ? {} : { traceparent }) },
    })),
  )
  const sent = due.flatMap((job, index) => {
    const entryId = entryIds[index]
    return typeof entryId === 'string' ? [{ id: job.id, fence: job.fence, entryId }] : []
  })
  if (sent.length > 0) await onSent(sent)
  const failed = entryIds.find((entryId) => entryId instanceof Error)
  if (failed) throw failed
  return sent.length
}
