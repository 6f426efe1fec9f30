import { randomUUID } from 'node:crypto'
import { LANES, type Lane } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { sql } from 'kysely'
import { type Admission, planAdmission, type Share, type Standing, type Windows } from './plan-admission.ts'

/** Tickets sent at once. */
export const BATCH = 500
/** A row marked and not published by then was marked by a dispatcher that died: the next one takes it. */
const MARK_SECONDS = 5
/** Owners of a lane who are chosen from: more than have a place in one go. */
const MOST_OWNERS = 1_000

/** A row that waits in Postgres: on no stream and not on its way to one. Each query on `processing_jobs_backlog` says so. */
export const WAITS = sql.raw(`status = 'queued' and dispatch_after is null and hold_reason is null`)

export interface DueJob extends Share {
  id: string
  type: string
  fence: number
  traceparent: string | null
  /** In seconds. */
  runAt: number
}

export interface Marked {
  due: DueJob[]
  /** Somebody had less than was granted: others may have the places. */
  placesLeft: boolean
}

/** Drawn anew each time. */
interface Draw {
  /** Where more owners wait than are chosen from, it is those behind this one: a place among all ids. */
  behind?: string | undefined
  /** As `planAdmission` has it: drawn by itself, because all who wait may have ids that lie together (version 7). */
  tieBreak?: number
}

/**
 * Marks due jobs for publishing, as many as their lanes' windows have room for; undefined where another dispatcher is
 * at it. Among one owner's, what has waited longest goes first, a flow's jobs in their order.
 */
export async function markDue(
  db: Db,
  windows: Windows,
  { behind = randomUUID(), tieBreak = Math.random() }: Draw = {},
): Promise<Marked | undefined> {
  return await inTransaction(db, async (trx) => {
    const around = await lockAndLookAround(trx, behind)
    if (!around) return undefined
    const { waiting, standing } = around
    const plan = planAdmission(waiting, standing, { windows, most: BATCH, tieBreak })
    const due = plan.length === 0 ? [] : sendingOrder(await mark(trx, plan), plan)
    const granted = plan.reduce((sum, { take }) => sum + take, 0)
    return { due, placesLeft: due.length > 0 && due.length < granted }
  })
}

/**
 * Who waits with something due, and what stands or runs, both bounded, however much waits; undefined where another
 * dispatcher is at it. One decides at a time what may stand, or each would fill the window for itself; the lock is held
 * for the decision alone, never while Redis is asked, and ends with the transaction. A mark that a crash of Postgres
 * loses is made again, so nobody waits for it to reach the disk.
 *
 * One statement, and yet all that it reads is read under the lock: `jobs_to_admit` takes an argument that there is only
 * once the lock is had, or the planner might ask it first; and a volatile function takes a new snapshot for each
 * statement of its own.
 */
async function lockAndLookAround(
  trx: Trx,
  behind: string,
): Promise<{ waiting: Share[]; standing: Standing[] } | undefined> {
  const { rows } = await sql<{ waiting: Share[]; standing: Standing[] }>`
    with mine as materialized (
      select pg_try_advisory_xact_lock(${LOCK}) as locked, ${mostSilence},
        set_config('synchronous_commit', 'off', true)
    )
    select around.* from mine cross join lateral (
      select * from jobs_to_admit(case when mine.locked then ${behind}::uuid end, ${MOST_OWNERS})
      where mine.locked
    ) around`.execute(trx)
  return rows[0]
}

async function mark(trx: Trx, plan: readonly Admission[]): Promise<DueJob[]> {
  const { rows } = await sql<DueJob>`
    select id, queue, lane, owner_id as "ownerId", type, fence, traceparent,
      extract(epoch from run_at)::float8 as "runAt"
    from mark_due_jobs(${JSON.stringify(plan)}::jsonb, ${MARK_SECONDS})`.execute(trx)
  return rows
}

/** Higher lanes first, and owners in turn as the plan has them; Postgres returns rows in whatever order it met them. */
export function sendingOrder(due: readonly DueJob[], plan: readonly Admission[]): DueJob[] {
  const keyOf = ({ queue, lane, ownerId }: Share) => `${queue} ${lane} ${ownerId}`
  const turns = new Map(plan.map((admission) => [keyOf(admission), admission.held]))
  const rank = (lane: Lane) => LANES.indexOf(lane)
  return due
    .toSorted((a, b) => a.runAt - b.runAt || (a.id < b.id ? -1 : 1))
    .map((job) => {
      const turn = turns.get(keyOf(job)) ?? 0
      turns.set(keyOf(job), turn + 1)
      return { job, turn }
    })
    .sort((a, b) => rank(a.job.lane) - rank(b.job.lane) || a.turn - b.turn)
    .map(({ job }) => job)
}

/** Keeps dispatchers from deciding while this transaction changes what they decide by, such as a pause. */
export async function lockDispatch(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK}), ${mostSilence}`.execute(trx)
}

/**
 * Ends the transaction of a process that holds the lock and says nothing more: it was stopped, cut off, or something
 * blocks its event loop for minutes, and nobody else could send anything. PGlite's server sees to that by itself, and
 * this would break it: in its one session the error has nobody to end, and comes again without end.
 */
const mostSilence = sql`set_config('idle_in_transaction_session_timeout',
  case when version() like '%PGlite%' then '0' else '2s' end, true)`

/** "dispatch" in ASCII: any number does that nobody else uses. */
const LOCK = sql.lit('7235441202855961448')

/** Marks whose dispatcher died before it published: their jobs wait again. Returns how many. */
export async function freeStaleMarks(db: Db): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update processing_jobs set dispatch_after = null
    where id = any(array(
      select id from processing_jobs
      where status = 'queued' and dispatch_after <= now() and dispatched_at is null
      order by id for update skip locked
    ))`.execute(db)
  return Number(numAffectedRows)
}
