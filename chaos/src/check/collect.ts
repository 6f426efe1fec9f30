import type { Db } from '@app/db'
import { sql } from 'kysely'
import type { FinalJob } from './judge-jobs.ts'
import type { Move, RunStart } from './restart-times.ts'

export async function finalJobs(db: Db): Promise<FinalJob[]> {
  const { rows } = await sql<FinalJob>`
    select id, status, (select count(*)::int from effects where job_id = job.id) as effects,
      extract(epoch from coalesce(completed_at, now()) - created_at)::float8 as "unfinishedSeconds"
    from processing_jobs job order by id`.execute(db)
  return rows
}

/** Every committed move of every job, in order; `clockMs` is what the campaign's clock was at Postgres' epoch. */
export async function jobMoves(db: Db, clockMs: number): Promise<Move[]> {
  const { rows } = await sql<Move>`
    select job_id as "jobId", status, worker_id as "workerId",
      extract(epoch from at)::float8 * 1000 + ${clockMs} as "atMs"
    from job_moves order by n`.execute(db)
  return rows
}

/** Every run that could say that it began, in order. */
export async function runStarts(db: Db, clockMs: number): Promise<RunStart[]> {
  const { rows } = await sql<RunStart>`
    select job_id as "jobId", worker_pid as pid, extract(epoch from at)::float8 * 1000 + ${clockMs} as "atMs"
    from run_starts order by at`.execute(db)
  return rows
}

/** Sentences on what must hold of all jobs together, whatever happened. */
export async function brokenRules(db: Db): Promise<string[]> {
  const broken = await Promise.all(
    RULES.map(async ([sentence, query]) => {
      const { rows } = await sql<{ count: number }>`${sql.raw(query)}`.execute(db)
      const count = rows[0]?.count ?? 0
      return count === 0 ? [] : [`${sentence}: ${count}`]
    }),
  )
  return broken.flat()
}

const RULES: readonly [sentence: string, query: string][] = [
  [
    'jobs that committed before what they depend on',
    `select count(*)::int from job_dependencies edge
     join effects dependant on dependant.job_id = edge.job_id
     join effects blocker on blocker.job_id = edge.depends_on
     where dependant.n < blocker.n`,
  ],
  [
    'effects of no job',
    'select count(*)::int from effects where job_id not in (select id from processing_jobs)',
  ],
  [
    'effects by another fence than the one that completed the job',
    `select count(*)::int from effects join processing_jobs job on job.id = effects.job_id
     where job.fence <> effects.fence`,
  ],
  [
    'moves of a job after it completed',
    `select count(*)::int from job_moves later join job_moves done
     on done.job_id = later.job_id and done.status = 'completed' and later.n > done.n`,
  ],
  [
    'finished steps that a later run called again',
    `select count(*)::int from step_calls later join step_marks mark using (job_id, key)
     where later.fence > mark.fence`,
  ],
  [
    'states whose running count is wrong',
    `select count(*)::int from (
       select queue, lane, status, sum(change) as n from job_count_changes group by 1, 2, 3 having sum(change) <> 0
       except select queue, lane, status, count(*) from processing_jobs group by 1, 2, 3
     ) wrong`,
  ],
]
