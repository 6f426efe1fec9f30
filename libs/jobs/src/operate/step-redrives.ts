import { type Database, type Db, inTransaction, type Trx } from '@app/db'
import { abortableDelay, asError, FatalError, type Logger, type Part } from '@app/runtime'
import { type Selectable, sql } from 'kysely'
import { redriveInside } from '../redrive.ts'
import { failsTooOften } from './fails-too-often.ts'
import { noteOutcomes, notGivenBack, tally } from './redrive-letters.ts'

/** After a step: a busy dispatcher looks a hundred times a second. An idle one looks every two. */
const LEAST_PAUSE_MS = 1_000
/** What no process gave back in time is not made up for at once, or a pace would not be one. */
const MOST_BEHIND_SECONDS = 4
const MOST_A_TURN = 100

interface Turn {
  redriveId: string
  who: string
  jobIds: string[]
}

/**
 * Gives back what is due of every running redrive, by Postgres' clock; returns how many jobs. Any number of processes
 * may do this at once: one has a redrive's turn, each job's new life is a transaction of its own, and a process that
 * dies in between loses part of the pace, never a job.
 */
export async function stepRedrives(db: Db, signal?: AbortSignal): Promise<number> {
  const running = db.selectFrom('redrives').select('id').where('status', '=', 'running')
  let given = 0
  for (const { id } of await running.orderBy('created_at').execute()) {
    for (let due = MOST_A_TURN; due === MOST_A_TURN && !signal?.aborted; ) {
      const turn = await inTransaction(db, (trx) => takeTurn(trx, id))
      given += turn ? await giveBack(db, turn, signal) : 0
      due = turn?.jobIds.length ?? 0
    }
  }
  return given
}

interface RedriverOptions {
  db: Db
  log: Logger
  dispatchSoon: () => void
}

export type Redriver = Pick<Part, 'name' | 'stop'> & {
  /** A redrive runs: steps, unless it is at it or was a moment ago. Never waits, never throws. */
  stepSoon: () => void
}

/** Keeps redrives going, in every process: there is always one that does. Its dispatcher tells it that one runs. */
export function createRedriver({ db, log, dispatchSoon }: RedriverOptions): Redriver {
  const stopping = new AbortController()
  const { signal } = stopping
  let stepping: Promise<void> | undefined

  return {
    name: 'redriver',
    stepSoon() {
      if (signal.aborted) return
      stepping ??= stepAndPause().finally(() => {
        stepping = undefined
      })
    },
    async stop() {
      stopping.abort()
      await stepping
    },
  }

  async function stepAndPause(): Promise<void> {
    try {
      if ((await stepRedrives(db, signal)) > 0) dispatchSoon()
    } catch (error) {
      log.debug({ err: asError(error) }, 'redriver put off')
    }
    await abortableDelay(LEAST_PAUSE_MS, signal).catch(() => {})
  }
}

/** Looks how the redriven jobs fare, ends the redrive where that is due, or else takes what its pace allows by now. */
async function takeTurn(trx: Trx, redriveId: string): Promise<Turn | undefined> {
  const redrive = await trx
    .selectFrom('redrives')
    .selectAll()
    .where('id', '=', redriveId)
    .where('status', '=', 'running')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst()
  if (!redrive) return undefined
  await noteOutcomes(trx, redriveId)
  const ended = await tally(trx, redriveId)
  if (failsTooOften(ended, redrive.most_failures)) {
    return await end(trx, redriveId, {
      status: 'stopped',
      stop_reason: reasonOf(ended, redrive.most_failures),
    })
  }
  const due = await takeAllowance(trx, redriveId)
  const letters = await notGivenBack(trx, redrive)
    .select('dead_letters.job_id as jobId')
    .orderBy('died_at')
    .orderBy('dead_letters.id')
    .limit(Math.max(due, 1))
    .execute()
  if (letters.length === 0) return await end(trx, redriveId, { status: 'done', stop_reason: null })
  const jobIds = [...new Set(letters.slice(0, due).map(({ jobId }) => jobId))]
  return { redriveId, who: redrive.requested_by, jobIds }
}

/** How many the pace allows since the last turn. Time that is worth no whole job counts for the next turn. */
async function takeAllowance(trx: Trx, redriveId: string): Promise<number> {
  const { rows } = await sql<{ due: number }>`
    with since as (
      select id, per_second, greatest(
        -- One at once, however slow the pace.
        coalesce(last_step_at, now() - 1 / per_second * interval '1 second'),
        now() - (${MOST_BEHIND_SECONDS} + 1 / per_second) * interval '1 second'
      ) as since
      from redrives where id = ${redriveId}
    ), allowed as (
      select *, least(
        -- What is lost in rounding must not make a whole one miss its turn.
        floor(extract(epoch from now() - since)::float8 * per_second + 0.001), ${MOST_A_TURN}::int
      )::int as due
      from since
    )
    update redrives set last_step_at = allowed.since + allowed.due / allowed.per_second * interval '1 second'
    from allowed where redrives.id = allowed.id
    returning allowed.due`.execute(trx)
  return rows[0]?.due ?? 0
}

async function giveBack(db: Db, turn: Turn, signal: AbortSignal | undefined): Promise<number> {
  let given = 0
  for (const jobId of turn.jobIds) {
    if (signal?.aborted) return given
    const outcome = await giveOneBack(db, turn, jobId)
    if (outcome === 'ended') return given
    given += outcome === 'given' ? 1 : 0
  }
  return given
}

async function giveOneBack(
  db: Db,
  { redriveId, who }: Turn,
  jobId: string,
): Promise<'given' | 'refused' | 'ended'> {
  try {
    return await inTransaction(db, async (trx) => {
      // Held until the commit: once a stop has been answered, nothing is given back any more.
      const running = await trx
        .selectFrom('redrives')
        .select('id')
        .where('id', '=', redriveId)
        .where('status', '=', 'running')
        .forShare()
        .executeTakeFirst()
      if (!running) return 'ended'
      await redriveInside(trx, jobId, { who, redriveId })
      return 'given'
    })
  } catch (error) {
    if (!(error instanceof FatalError)) throw error
    // Tried in vain: marked, so that the others get their turn and the redrive an end.
    await db
      .updateTable('dead_letters')
      .set({ redrive_id: redriveId })
      .where('job_id', '=', jobId)
      .where('resolution', 'is', null)
      .execute()
    return 'refused'
  }
}

type Ending = Pick<Selectable<Database['redrives']>, 'status' | 'stop_reason'>

async function end(trx: Trx, redriveId: string, ending: Ending): Promise<undefined> {
  await trx
    .updateTable('redrives')
    .set({ ...ending, ended_at: sql<Date>`now()` })
    .where('id', '=', redriveId)
    .execute()
}

function reasonOf(
  { completed, failed }: { completed: number; failed: number },
  mostFailures: number,
): string {
  const limit = `${Math.round(mostFailures * 1000) / 10} %`
  return `${failed} of ${completed + failed} jobs that have ended failed again, and at most ${limit} may`
}
