import { randomUUID } from 'node:crypto'
import type { Asker, Bus, Limit } from '@app/bus'
import type { Db } from '@app/db'
import { sql } from 'kysely'
import { insertDeadJobs } from './dead-jobs.ts'
import { insertManyJobs } from './many-jobs.ts'

/** A job that does not run, the code of what keeps it, and how whoever asks is told. */
export interface StuckJob {
  id: string
  code: string
  told: RegExp
}

/** One job for each thing that can keep a job from running; a worker lives on the queue `tag` and on no other. */
export async function insertStuckJobs(db: Db, bus: Bus): Promise<StuckJob[]> {
  await sql`
    insert into workers (id, service, queues, concurrency, stale_after_ms, job_types)
    values (${randomUUID()}, 'test', '["tag"]', 10, 600000, '["tag@1"]')`.execute(db)
  const insert = (set: object, queue = 'tag') => insertJob(db, set, queue)
  const [inAnHour, runAt] = [sql<Date>`now() + interval '1 hour'`, new Date(Date.now() + 3_600_000)]
  const blocker = await insert({ status: 'running', worker_id: 'w1' })
  const holder = await insert({ status: 'running', worker_id: 'w1' })
  const waiting = await insert({ status: 'pending', waiting_on: 1 })
  await db.insertInto('job_dependencies').values({ job_id: waiting, depends_on: blocker }).execute()
  await sql`insert into queue_controls (queue, paused_by, reason) values ('embed', 'ada', 'a new model')`.execute(
    db,
  )
  const [dead] = await insertDeadJobs(db, { count: 1, message: 'no sound in it' })
  const bucket: Limit = { kind: 'rate', key: 'openai/gpt-x', permits: 1, perMs: 3_600_000, burst: 1 }
  const key: Limit = { kind: 'concurrency', key: 'gpu', most: 1 }
  const [emptied, taken] = [
    await insert({ run_at: inAnHour, waiting_for: 'rate:openai/gpt-x' }),
    await insert({ run_at: inAnHour, waiting_for: 'concurrency:gpu' }),
  ]
  for (const jobId of [holder, emptied]) await bus.limits.take(bucket, askerOf(jobId))
  for (const jobId of [holder, taken]) await bus.limits.take(key, askerOf(jobId))
  const inISO = /20\d\d-\d\d-\d\dT[\d:.]+Z/.source

  return [
    { id: waiting, code: 'waits-for-job', told: new RegExp(`it waits for tag ${blocker}, which is running`) },
    { id: await insert({ run_at: runAt }), code: 'delayed', told: new RegExp(runAt.toISOString()) },
    { id: await insert({}, 'embed'), code: 'queue-paused', told: /ada has paused .* a new model/ },
    {
      id: emptied,
      code: 'waits-for-limit',
      told: new RegExp(`bucket rate:openai/gpt-x refills at ${inISO}, with 1 in the line; its turn comes at`),
    },
    {
      id: taken,
      code: 'waits-for-limit',
      told: new RegExp(`concurrency:gpu is held by job ${holder} \\(1 of 1\\), with 1 in the line`),
    },
    {
      id: await insert({}, 'summarize'),
      code: 'no-worker',
      told: /no live worker reads the queue summarize/,
    },
    { id: dead?.jobId ?? '', code: 'dead-letter', told: /is a dead letter since .* because no sound in it/ },
    {
      id: await insert({ version: 2, hold_reason: 'unknown-version:tag@2' }),
      code: 'parked',
      told: /it is parked, because a worker did not know tag@2/,
    },
  ]
}

async function insertJob(db: Db, set: object, queue: string): Promise<string> {
  const subjectId = await insertManyJobs(db, { count: 1, queue })
  const query = db
    .updateTable('processing_jobs')
    .set({ attempts: 0, ...set })
    .where('subject_id', '=', subjectId)
  return (await query.returning('id').executeTakeFirstOrThrow()).id
}

const askerOf = (jobId: string): Asker => ({ jobId, fence: 0, flow: 'normal:nobody', weight: 1 })
