import { LANES, type Lane } from '@app/contracts'
import { type Db, inTransaction, type Trx } from '@app/db'
import { sql } from 'kysely'

/** Tickets sent at once. */
export const BATCH = 500
/** A row marked and not published by then was marked by a dispatcher that died: the next one takes it. */
const MARK_SECONDS = 5
/** Owners looked at in one go; with more of them the next go carries on behind the last. */
const MOST_OWNERS = 1_000

export interface DueJob {
  id: string
  queue: string
  lane: Lane
  type: string
  fence: number
  traceparent: string | null
  turn: number
}

/** How many tickets of a lane may stand unstarted on its stream, by queue, and of queues that are not named. */
export interface Windows {
  byQueue: ReadonlyMap<string, number>
  others: number
}

/** Where the next go begins. */
export interface OwnerCursor {
  queue: string
  lane: string
  ownerId: string
}

export const FIRST_OWNER: OwnerCursor = {
  queue: '',
  lane: '',
  ownerId: '00000000-0000-0000-0000-000000000000',
}

export interface Marked {
  due: DueJob[]
  next: OwnerCursor
}

/**
 * Marks due jobs for publishing, as many as their lanes' windows have room for; undefined where another dispatcher is
 * at it. Whose jobs stand or run least goes first, so an owner with ten waits for no owner with a hundred thousand;
 * among one owner's, what has waited longest, a flow's jobs in their order.
 */
export async function markDue(db: Db, windows: Windows, from: OwnerCursor): Promise<Marked | undefined> {
  return await inTransaction(db, async (trx) => {
    if (!(await tryDispatchLock(trx))) return undefined
    const { rows } = await sql<DueJob & { steps: number; last: OwnerCursor }>`
      with recursive owner as (
        (${nextOwner(sql`${from.queue}, ${from.lane}, ${from.ownerId}::uuid`, sql`1`)})
        union all
        select following.* from owner cross join lateral (
          ${nextOwner(sql`owner.queue, owner.lane, owner.owner_id`, sql`owner.step + 1`)}
        ) following
        where owner.step < ${MOST_OWNERS}
      ), standing as (
        select queue, lane, owner_id, count(*)::int as jobs, (count(*) filter (where status = 'queued'))::int as tickets
        from processing_jobs
        where status = 'running' or (status = 'queued' and dispatch_after is not null)
        group by queue, lane, owner_id
      ), taken as (
        select queue, lane, sum(tickets)::int as tickets from standing group by queue, lane
      ), size as (
        select * from jsonb_to_recordset(${sizesOf(windows)}::jsonb) as it (queue text, tickets int)
      ), room as (
        select queue, lane, count(*)::int as owners,
          coalesce(max(size.tickets), ${windows.others}::int) - coalesce(max(taken.tickets), 0) as free
        from owner left join size using (queue) left join taken using (queue, lane)
        where queue not in (select queue from queue_controls)
        group by queue, lane
      ), candidate as (
        select job.id, room.free, queue, lane, job.run_at, coalesce(standing.jobs, 0) + row_number() over (
            partition by queue, lane, owner_id order by job.run_at, job.id
          ) as turn
        from room join owner using (queue, lane) left join standing using (queue, lane, owner_id)
        cross join lateral (
          select id, run_at from processing_jobs
          where status = 'queued' and dispatch_after is null and hold_reason is null
            and queue = owner.queue and lane = owner.lane and owner_id = owner.owner_id and run_at <= now()
          order by run_at, id
          -- Of many owners nobody can have all the room: more than four times the fair share need not be looked at.
          limit greatest(least(free, ${BATCH}, greatest(4, 4 * free / owners)), 0)
        ) job
      ), chosen as (
        select id, turn, lane, run_at from (
          select *, row_number() over (partition by queue, lane order by turn, run_at, id) as place from candidate
        ) ranked
        where place <= free
        order by turn, run_at, id
        limit ${BATCH}
      ), marked as (
        update processing_jobs job set dispatch_after = now() + ${MARK_SECONDS} * interval '1 second'
        from (
          select job.id, chosen.turn from processing_jobs job join chosen using (id)
          where status = 'queued' and dispatch_after is null
          order by job.id for update of job skip locked
        ) free
        where job.id = free.id
        returning job.id, queue, job.lane, type, fence, traceparent, turn, job.run_at
      )
      select id, queue, lane, type, fence, traceparent, turn::int, ${lastOwner} from (select) once left join marked on true
      order by ${laneOrder}, turn, run_at, id`.execute(trx)
    return { due: rows.filter((row) => row.id !== null), next: nextCursor(rows[0]) }
  })
}

/** A loose index scan: one step for each owner that has something waiting, however much that is. */
const nextOwner = (after: ReturnType<typeof sql>, step: ReturnType<typeof sql>) => sql`
  select queue, lane, owner_id, ${step} as step from processing_jobs
  where status = 'queued' and dispatch_after is null and hold_reason is null and (queue, lane, owner_id) > (${after})
  order by queue, lane, owner_id limit 1`

const lastOwner = sql`
  (select max(step) from owner) as steps,
  (select jsonb_build_object('queue', queue, 'lane', lane, 'ownerId', owner_id)
    from owner order by step desc limit 1) as last`

const laneOrder = sql`array_position(array[${sql.join(LANES.map((lane) => sql.lit(lane)))}], lane)`

const sizesOf = ({ byQueue }: Windows): string =>
  JSON.stringify([...byQueue].map(([queue, tickets]) => ({ queue, tickets })))

const nextCursor = (row: { steps: number; last: OwnerCursor } | undefined): OwnerCursor =>
  row && row.steps >= MOST_OWNERS ? row.last : FIRST_OWNER

/**
 * One dispatcher at a time decides what may stand, or each would fill the window for itself; held for the decision
 * alone, never while Redis is asked. Ends with the transaction. False where somebody else has it.
 */
async function tryDispatchLock(trx: Trx): Promise<boolean> {
  const { rows } = await sql<{ mine: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as mine`.execute(
    trx,
  )
  return rows[0]?.mine ?? false
}

/** Keeps dispatchers from deciding while this transaction changes what they decide by, such as a pause. */
export async function lockDispatch(trx: Trx): Promise<void> {
  await sql`select pg_advisory_xact_lock(${LOCK})`.execute(trx)
}

/** "dispatch" in ASCII: any number does that nobody else uses. */
const LOCK = sql.lit('7235441202855961448')

/** Marks whose dispatcher died before it published: their jobs wait again. Returns how many. */
export async function freeStaleMarks(db: Db): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update processing_jobs set dispatch_after = null
    where id in (
      select id from processing_jobs
      where status = 'queued' and dispatch_after <= now() and dispatched_at is null
      order by id for update skip locked
    )`.execute(db)
  return Number(numAffectedRows)
}
