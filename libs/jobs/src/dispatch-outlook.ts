import type { Db } from '@app/db'
import { sql } from 'kysely'

/** What a dispatcher goes by. */
export interface DispatchOutlook {
  /** Of a queue that is not paused; it may have no place on its stream yet. */
  isDue: boolean
  /** Of dispatchers that died before they published. */
  hasStaleMarks: boolean
  /** Until the next delayed job falls due, by Postgres' clock; undefined where none is delayed. */
  nextDueMs: number | undefined
  /** Dead letters are being given back. */
  isRedriving: boolean
  /** Of living workers, by queue. */
  slots: ReadonlyMap<string, number>
}

/** Whether there is anything to do, and when there will be: one statement, for it is asked all the time. */
export async function dispatchOutlook(db: Db): Promise<DispatchOutlook> {
  const { rows } = await sql<{
    isDue: boolean
    hasStaleMarks: boolean
    nextDueMs: number | null
    slots: Record<string, number>
    isRedriving: boolean
  }>`
    select is_due as "isDue", has_stale_marks as "hasStaleMarks", next_due_ms as "nextDueMs", slots,
      is_redriving as "isRedriving"
    from dispatch_outlook()`.execute(db)
  const {
    isDue = false,
    hasStaleMarks = false,
    isRedriving = false,
    nextDueMs = null,
    slots = {},
  } = rows[0] ?? {}
  return {
    isDue,
    hasStaleMarks,
    isRedriving,
    nextDueMs: nextDueMs === null ? undefined : Math.max(0, nextDueMs),
    slots: new Map(Object.entries(slots)),
  }
}
