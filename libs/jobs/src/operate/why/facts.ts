import type { Bus } from '@app/bus'
import type { Db } from '@app/db'
import { withTimeout } from '@app/runtime'
import { sql } from 'kysely'
import { jobNotFound } from '../../job-not-found.ts'
import { queueControls } from '../queue-controls.ts'
import { aheadOf, holderOf, workersFor } from './queue-facts.ts'
import type { JobFacts, Related, RelatedJob } from './reasons.ts'
import { type RedisFacts, redisFacts, withoutRedis } from './redis-facts.ts'
import type { WhyRow } from './why-row.ts'

const MOST_RELATED = 10
const REDIS_PATIENCE_MS = 2_000

/** Gathers what keeps a job from running, as far as its state makes that possible. Error: `job-not-found`. */
export async function factsOf(db: Db, bus: Bus | undefined, jobId: string): Promise<JobFacts> {
  const row = await rowOf(db, jobId)
  const isQueued = row.status === 'queued'
  const [blockers, children, controls, workers, ahead, holder, redis, deadLetter, cancelledBy] =
    await Promise.all([
      row.status === 'pending' ? openBlockers(db, jobId) : NONE,
      row.status === 'waiting' ? openChildren(db, jobId) : NONE,
      isQueued ? queueControls(db) : [],
      isQueued ? workersFor(db, row) : { live: 0, slots: 0, running: 0, knowing: 0 },
      isQueued ? aheadOf(db, row) : { own: 0, isCounted: true, before: 0 },
      row.status === 'running' ? holderOf(db, row.worker_id) : null,
      isQueued ? askRedis(bus, row) : AWAY,
      row.status === 'failed' ? newestDeadLetter(db, jobId) : null,
      row.status === 'cancelled' ? cancellerOf(db, row) : null,
    ])
  const control = controls.find(({ queue }) => queue === row.queue) ?? null
  return {
    ...namedLikeFacts(row),
    blockers,
    children,
    control,
    workers,
    ahead,
    holder,
    ...redis,
    deadLetter,
    cancelledBy,
  }
}

const NONE: Related = { jobs: [], count: 0 }
const AWAY: RedisFacts = { isRedisThere: false, limit: null, ticket: { at: 'unknown', sentAt: null } }

async function rowOf(db: Db, jobId: string): Promise<WhyRow> {
  const row = await db
    .selectFrom('processing_jobs')
    .select(['id', 'type', 'version', 'queue', 'lane', 'status', 'owner_id', 'subject_kind', 'subject_id'])
    .select([
      'run_at',
      'started_at',
      'completed_at',
      'dispatched_at',
      'dispatch_after',
      'entry_id',
      'worker_id',
    ])
    .select([
      'hold_reason',
      'waiting_for',
      'alone',
      'attempts',
      'max_attempts',
      'error_code',
      'error_message',
    ])
    .select(sql<Date>`now()`.as('now'))
    .where('id', '=', jobId)
    .executeTakeFirst()
  if (!row) throw jobNotFound(jobId)
  return row
}

const namedLikeFacts = (row: WhyRow) => ({
  id: row.id,
  type: row.type,
  version: row.version,
  queue: row.queue,
  lane: row.lane,
  status: row.status,
  now: row.now,
  runAt: row.run_at,
  startedAt: row.started_at,
  completedAt: row.completed_at,
  holdReason: row.hold_reason,
  waitingFor: row.waiting_for,
  alone: row.alone,
  attempts: row.attempts,
  maxAttempts: row.max_attempts,
  errorCode: row.error_code,
  errorMessage: row.error_message,
})

async function openBlockers(db: Db, jobId: string): Promise<Related> {
  const ids = db.selectFrom('job_dependencies').select('depends_on as id').where('job_id', '=', jobId)
  return await openOnes(db, sql`id in (${ids})`)
}

const openChildren = (db: Db, jobId: string): Promise<Related> => openOnes(db, sql`parent_id = ${jobId}`)

/** Those that went wrong come first: nothing happens until somebody deals with them. */
async function openOnes(db: Db, condition: ReturnType<typeof sql>): Promise<Related> {
  const { rows } = await sql<RelatedJob & { count: number }>`
    select id, type, status, error_message as "errorMessage", (count(*) over ())::int as count
    from processing_jobs where ${condition} and status <> 'completed'
    order by status in ('failed', 'cancelled') desc, id
    limit ${MOST_RELATED}`.execute(db)
  return { jobs: rows.map(({ count: _, ...job }) => job), count: rows[0]?.count ?? 0 }
}

/** Postgres knows enough for an answer: Redis' is not waited for long. */
async function askRedis(bus: Bus | undefined, row: WhyRow): Promise<RedisFacts> {
  const unknown = withoutRedis(row)
  if (!bus) return unknown
  return await withTimeout(redisFacts(bus, row), REDIS_PATIENCE_MS, 'redis-silent').catch(() => unknown)
}

async function newestDeadLetter(db: Db, jobId: string): Promise<JobFacts['deadLetter']> {
  const letter = await db
    .selectFrom('dead_letters')
    .select(['id', 'error_code as errorCode', 'message', 'died_at as diedAt', 'resolution'])
    .where('job_id', '=', jobId)
    .orderBy('died_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return letter ?? null
}

/** Whoever cancelled the job last, or all that its thing had. */
async function cancellerOf(db: Db, row: WhyRow): Promise<string | null> {
  const act = await db
    .selectFrom('audit_log')
    .select('who')
    .where('subject', 'in', [`job ${row.id}`, `${row.subject_kind} ${row.subject_id}`])
    .where('action', 'in', ['job-cancelled', 'book-cancelled'])
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return act?.who ?? null
}
