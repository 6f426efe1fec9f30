import { randomUUID } from 'node:crypto'
import { type JobStatus, TagJob } from '@app/contracts'
import type { Db } from '@app/db'
import { sql } from 'kysely'

interface ManyJobs {
  count: number
  queue?: string
  lane?: 'high' | 'normal' | 'low'
  status?: JobStatus
  /** So many owners, in turn; one by default. */
  owners?: number
}

/**
 * Inserts jobs of no book in one statement, for tests of what a long queue costs; returns the id that stands for what
 * they are about. They are tag jobs, whatever their queue.
 */
export async function insertManyJobs(
  db: Db,
  { count, queue = TagJob.queue, lane = 'normal', status = 'queued', owners = 1 }: ManyJobs,
): Promise<string> {
  const subjectId = randomUUID()
  await sql`
    insert into processing_jobs
      (subject_kind, subject_id, owner_id, type, version, queue, lane, status, input, max_attempts)
    select 'nothing', ${subjectId}, lpad(to_hex(n % ${owners}), 32, '0')::uuid, ${TagJob.name}, ${TagJob.version},
      ${queue}, ${lane}, ${status}, '{}', ${TagJob.attempts}
    from generate_series(1, ${count}::int) n`.execute(db)
  return subjectId
}
