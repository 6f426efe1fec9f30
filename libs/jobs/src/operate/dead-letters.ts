import type { JobStatus } from '@app/contracts'
import type { Database, Db, Trx } from '@app/db'
import { FatalError } from '@app/runtime'
import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from 'kysely'
import { redriveJob } from '../redrive.ts'

/** Which open dead letters are meant; what is left out does not matter. */
export interface DeadLetterFilter {
  queue?: string | undefined
  /** What went wrong, whichever job and moment it was. */
  fingerprint?: string | undefined
  code?: string | undefined
}

export interface DeadLetter {
  id: string
  jobId: string
  jobType: string
  queue: string
  errorClass: string
  errorCode: string
  fingerprint: string
  message: string
  attempts: number
  crashes: number
  workerId: string | null
  firstSeenAt: Date
  diedAt: Date
}

/** One dead letter with all that is known of it, dealt with or not. */
export interface DeadLetterDetail extends DeadLetter {
  stack: string | null
  /** What the job is doing now. */
  jobStatus: JobStatus
  resolution: 'redriven' | 'discarded' | null
  resolvedAt: Date | null
  resolvedBy: string | null
  reason: string | null
  redriveId: string | null
}

const COLUMNS = [
  'dead_letters.id',
  'job_id as jobId',
  'job_type as jobType',
  'dead_letters.queue',
  'error_class as errorClass',
  'dead_letters.error_code as errorCode',
  'fingerprint',
  'message',
  'dead_letters.attempts',
  'dead_letters.crashes',
  'dead_letters.worker_id as workerId',
  'first_seen_at as firstSeenAt',
  'died_at as diedAt',
] as const

type LetterExpression = ExpressionBuilder<Database, 'dead_letters'>

/** The condition for open letters that the filter means. */
export const meantBy =
  ({ queue, fingerprint, code }: DeadLetterFilter) =>
  (eb: LetterExpression): ExpressionWrapper<Database, 'dead_letters', SqlBool> =>
    eb.and([
      eb('dead_letters.resolution', 'is', null),
      ...(queue === undefined ? [] : [eb('dead_letters.queue', '=', queue)]),
      ...(fingerprint === undefined ? [] : [eb('dead_letters.fingerprint', '=', fingerprint)]),
      ...(code === undefined ? [] : [eb('dead_letters.error_code', '=', code)]),
    ])

/** Dead letters that nobody has dealt with, oldest first. */
export async function openDeadLetters(
  db: Db,
  { limit = 1_000, offset = 0, ...filter }: DeadLetterFilter & { limit?: number; offset?: number } = {},
): Promise<DeadLetter[]> {
  return await db
    .selectFrom('dead_letters')
    .select(COLUMNS)
    .where(meantBy(filter))
    .orderBy('died_at')
    .orderBy('dead_letters.id')
    .limit(limit)
    .offset(offset)
    .execute()
}

export async function countOpenDeadLetters(db: Db | Trx, filter: DeadLetterFilter = {}): Promise<number> {
  const { count } = await db
    .selectFrom('dead_letters')
    .select(sql<number>`count(*)::int`.as('count'))
    .where(meantBy(filter))
    .executeTakeFirstOrThrow()
  return count
}

/** Error: `dead-letter-not-found`. */
export async function deadLetterById(db: Db, id: string): Promise<DeadLetterDetail> {
  const letter = await db
    .selectFrom('dead_letters')
    .innerJoin('processing_jobs as job', 'job.id', 'job_id')
    .select(COLUMNS)
    .select([
      'stack',
      'job.status as jobStatus',
      'resolution',
      'resolved_at as resolvedAt',
      'resolved_by as resolvedBy',
      'reason',
      'redrive_id as redriveId',
    ])
    .where('dead_letters.id', '=', id)
    .executeTakeFirst()
  if (!letter) throw new FatalError('dead-letter-not-found', `there is no dead letter ${id}`)
  return letter
}

/**
 * Gives the job of an open dead letter a new life; returns the job's id.
 * Errors: `dead-letter-not-found`, `dead-letter-resolved`, and those of `redriveJob`.
 */
export async function redriveDeadLetter(db: Db, id: string, who: string): Promise<string> {
  const letter = await deadLetterById(db, id)
  if (letter.resolution !== null) throw resolvedAlready(letter)
  await redriveJob(db, letter.jobId, who)
  return letter.jobId
}

export const resolvedAlready = ({
  id,
  resolution,
  resolvedBy,
}: Pick<DeadLetterDetail, 'id' | 'resolution' | 'resolvedBy'>): FatalError =>
  new FatalError('dead-letter-resolved', `${resolvedBy} has ${resolution} the dead letter ${id} already`)
