import { type Db, inTransaction } from '@app/db'
import { FatalError } from '@app/runtime'
import { sql } from 'kysely'
import { recordAct } from '../audit.ts'
import { notGivenBack, outcomeNow } from './redrive-letters.ts'

/** Dead letters to give back, and how fast. */
export interface RedriveRequest {
  queue?: string | undefined
  fingerprint?: string | undefined
  perSecond: number
  /** Share of those that have ended, from 0 to 1, that may fail again before it stops. */
  mostFailures: number
  who: string
}

export interface Redrive {
  id: string
  queue: string | null
  fingerprint: string | null
  perSecond: number
  mostFailures: number
  requestedBy: string
  createdAt: Date
  /** `done` means that nothing is left to give back; what was given back may still be at work. */
  status: 'running' | 'done' | 'stopped'
  stopReason: string | null
  endedAt: Date | null
}

/** A redrive and what became of the jobs so far. */
export interface RedriveProgress extends Redrive {
  remaining: number
  redriven: number
  /** Of the redriven. */
  completed: number
  failedAgain: number
  cancelled: number
  underWay: number
  /** Refused a new life, such as where another job with the same unique key is at it. */
  refused: number
}

/** From here on every process gives dead letters back at this pace. Those that die later are not meant. */
export async function startRedrive(db: Db, request: RedriveRequest): Promise<Redrive> {
  const { queue = null, fingerprint = null, perSecond, mostFailures, who } = request
  return await inTransaction(db, async (trx) => {
    const redrive = await trx
      .insertInto('redrives')
      .values({ queue, fingerprint, per_second: perSecond, most_failures: mostFailures, requested_by: who })
      .returning(COLUMNS)
      .executeTakeFirstOrThrow()
    const details = { queue, fingerprint, perSecond, mostFailures }
    await recordAct(trx, { who, action: 'redrive-started', subject: `redrive ${redrive.id}`, details })
    return redrive
  })
}

/** Once this has answered, nothing more is given back. Errors: `redrive-not-found`, `redrive-ended`. */
export async function stopRedrive(db: Db, id: string, who: string): Promise<void> {
  await inTransaction(db, async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable('redrives')
      .set({ status: 'stopped', stop_reason: `stopped by ${who}`, ended_at: sql<Date>`now()` })
      .where('id', '=', id)
      .where('status', '=', 'running')
      .executeTakeFirst()
    if (numUpdatedRows === 0n) {
      const { status } = await redriveById(trx, id)
      throw new FatalError('redrive-ended', `the redrive ${id} is ${status} already`)
    }
    await recordAct(trx, { who, action: 'redrive-stopped', subject: `redrive ${id}` })
  })
}

/** The last ones, newest first. */
export async function redrives(db: Db, limit = 100): Promise<Redrive[]> {
  return await db.selectFrom('redrives').select(COLUMNS).orderBy('created_at', 'desc').limit(limit).execute()
}

/** Where a redrive stands, as of now. Error: `redrive-not-found`. */
export async function redriveProgress(db: Db, id: string): Promise<RedriveProgress> {
  const redrive = await redriveById(db, id)
  const [outcomes, { remaining }] = await Promise.all([
    sql<{ outcome: Outcome; count: number }>`
      select case when letter.resolution is null then 'refused' else coalesce(${outcomeNow}, 'underWay') end as outcome,
        count(*)::int as count
      from dead_letters letter join processing_jobs job on job.id = letter.job_id
      where letter.redrive_id = ${id} group by 1`.execute(db),
    notGivenBack(db, redrive).select(sql<number>`count(*)::int`.as('remaining')).executeTakeFirstOrThrow(),
  ])
  const count = (wanted: Outcome) => outcomes.rows.find(({ outcome }) => outcome === wanted)?.count ?? 0
  const [completed, failedAgain, cancelled] = [count('completed'), count('failed'), count('cancelled')]
  const underWay = count('underWay')
  const redriven = completed + failedAgain + cancelled + underWay
  return {
    ...redrive,
    remaining,
    redriven,
    completed,
    failedAgain,
    cancelled,
    underWay,
    refused: count('refused'),
  }
}

type Outcome = 'completed' | 'failed' | 'cancelled' | 'underWay' | 'refused'

const COLUMNS = [
  'id',
  'queue',
  'fingerprint',
  'per_second as perSecond',
  'most_failures as mostFailures',
  'requested_by as requestedBy',
  'created_at as createdAt',
  'status',
  'stop_reason as stopReason',
  'ended_at as endedAt',
] as const

async function redriveById(db: Pick<Db, 'selectFrom'>, id: string): Promise<Redrive> {
  const redrive = await db.selectFrom('redrives').select(COLUMNS).where('id', '=', id).executeTakeFirst()
  if (!redrive) throw new FatalError('redrive-not-found', `there is no redrive ${id}`)
  return redrive
}
