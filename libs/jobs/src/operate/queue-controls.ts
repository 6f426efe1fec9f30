import { JOBS } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from '../audit.ts'
import type { Servers } from '../cancel.ts'
import { lockDispatch } from '../mark-due.ts'

export interface QueueControl {
  queue: string
  pausedBy: string
  pausedAt: Date
  reason: string | null
  /** Somebody waits until nothing of it runs any more. */
  draining: boolean
}

export interface PauseBy {
  who: string
  reason?: string | undefined
}

/** The queues that are paused or drained, and by whom. */
export async function queueControls(db: Db | Trx): Promise<QueueControl[]> {
  return await db.selectFrom('queue_controls').select(CONTROL).orderBy('queue').execute()
}

/**
 * Stops the starts of a queue, never its runs. Tickets that stand on a stream unclaimed are withdrawn: their rows wait
 * in Postgres under a new fence, so the entries claim nothing. Pausing again changes the reason, not who was first.
 * Error: `queue-not-found`.
 */
export async function pauseQueue(db: Db, queue: string, by: PauseBy): Promise<QueueControl> {
  return await stopStarts(db, queue, { ...by, draining: false })
}

/** Pauses, and says that somebody waits until nothing of the queue runs: how much does, the counts tell. */
export async function drainQueue(db: Db, queue: string, by: PauseBy): Promise<QueueControl> {
  return await stopStarts(db, queue, { ...by, draining: true })
}

/**
 * Lets the queue's jobs start again, at once where Redis is there to tell the dispatchers. Returns false where it was
 * not paused. Error: `queue-not-found`.
 */
export async function resumeQueue({ db, bus }: Servers, queue: string, who: string): Promise<boolean> {
  await assertQueue(db, queue)
  const resumed = await inTransaction(db, async (trx) => {
    const { numDeletedRows } = await trx
      .deleteFrom('queue_controls')
      .where('queue', '=', queue)
      .executeTakeFirst()
    if (numDeletedRows === 0n) return false
    await recordAct(trx, { who, action: 'queue-resumed', subject: `queue ${queue}` })
    return true
  })
  // A hint: without it they look again within two seconds.
  await bus?.wakeDispatchers().catch(() => {})
  return resumed
}

const CONTROL = ['queue', 'paused_by as pausedBy', 'paused_at as pausedAt', 'reason', 'draining'] as const

async function stopStarts(
  db: Db,
  queue: string,
  { who, reason, draining }: PauseBy & { draining: boolean },
): Promise<QueueControl> {
  await assertQueue(db, queue)
  return await inTransaction(db, async (trx) => {
    // From here on nothing of the queue is marked for sending; what was before is withdrawn below.
    await lockDispatch(trx)
    const control = await trx
      .insertInto('queue_controls')
      .values({ queue, paused_by: who, reason: reason ?? null, draining })
      .onConflict((conflict) =>
        conflict.column('queue').doUpdateSet({
          draining,
          reason: sql<string | null>`coalesce(excluded.reason, queue_controls.reason)`,
        }),
      )
      .returning(CONTROL)
      .executeTakeFirstOrThrow()
    const action = draining ? 'queue-drained' : 'queue-paused'
    await recordAct(trx, { who, action, subject: `queue ${queue}`, details: { reason: reason ?? null } })
    await withdrawTickets(trx, queue)
    return control
  })
}

/** Few, however many jobs wait: what is on its way to the streams or stands there. In the order of claims. */
async function withdrawTickets(trx: Trx, queue: string): Promise<void> {
  await sql`
    update processing_jobs
    set dispatched_at = null, entry_id = null, dispatch_after = null, fence = fence + 1
    where id in (
      select id from processing_jobs
      where queue = ${queue} and status = 'queued' and dispatch_after is not null
      order by id for update
    )`.execute(trx)
}

/** A queue of a job type, or one that has jobs of a type which this version no longer knows. */
async function assertQueue(db: Db, queue: string): Promise<void> {
  if (JOBS.some((job) => job.queue === queue)) return
  const known = await db
    .selectFrom('job_count_changes')
    .select('queue')
    .where('queue', '=', queue)
    .limit(1)
    .executeTakeFirst()
  if (!known) throw new FatalError('queue-not-found', `there is no queue ${queue}`)
}
