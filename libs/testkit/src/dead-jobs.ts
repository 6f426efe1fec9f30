import type { Db } from '@app/db'
import { sql } from 'kysely'
import { insertManyJobs } from './many-jobs.ts'

interface DeadJobs {
  count: number
  queue?: string
  fingerprint?: string
  code?: string
  message?: string
}

/**
 * Inserts failed jobs, each with a dead letter a second older than the next; returns the letters and their jobs, oldest
 * first.
 */
export async function insertDeadJobs(
  db: Db,
  { count, queue = 'tag', fingerprint = 'f1', code = 'llm-refused', message = 'no' }: DeadJobs,
): Promise<{ letterId: string; jobId: string }[]> {
  const subjectId = await insertManyJobs(db, { count, queue, status: 'failed' })
  const { rows } = await sql<{ letterId: string; jobId: string }>`
    insert into dead_letters
      (job_id, job_type, queue, error_class, error_code, fingerprint, message, stack, attempts, crashes, first_seen_at, died_at)
    select id, type, queue, 'FatalError', ${code}, ${fingerprint}, ${message}, 'FatalError: no\n    at nowhere', 3, 0,
      now() - interval '1 hour', now() - row_number() over (order by id desc) * interval '1 second'
    from processing_jobs where subject_id = ${subjectId}
    order by id
    returning id as "letterId", job_id as "jobId"`.execute(db)
  return rows
}
