import type { AudiobookJobs, JobStatus } from '@app/contracts'
import type { Db } from '@app/db'
import { overallStatus } from '@app/flows'
import { sql } from 'kysely'
import { type JobFacts, jobView } from '../plan/job-view.ts'

/** A book's jobs, and the version to ask from next time. */
export interface BookJobs {
  version: string
  view: AudiobookJobs
  /** Which write of its row each job of the view is: a job that comes twice with the same one has not changed. */
  rowVersions: ReadonlyMap<string, string>
}

/**
 * The jobs of a book, all or those written since a version, with the totals of all of them; one statement, so one
 * moment. A version is the oldest transaction that was open at that moment: whatever commits later carries it or a
 * newer one, so nothing is missed, though the last rows may come twice. Undefined where there is no such book.
 *
 * Only what makes the book is: not what is made of its text later on. Children are not listed and not counted: their
 * progress is their parent's, each one's an equal share, and a change of theirs is a change of it.
 */
export async function bookJobs(db: Db, audiobookId: string, since?: string): Promise<BookJobs | undefined> {
  const { rows } = await sql<Row>`
    with recursive ${ownJobs(audiobookId)}, statuses as (
      select distinct status from processing_jobs where subject_id = ${audiobookId} and subject_kind = 'audiobook'
    )
    select pg_snapshot_xmin(pg_current_snapshot())::text as version,
      (select count(*)::int from own) as total,
      (select count(*)::int from own where status = 'completed') as completed,
      (select count(*)::int from own where status = 'failed') as failed,
      (select coalesce(sum(done), 0)::float8 from own) as done,
      (select coalesce(json_agg(status), '[]') from statuses) as statuses,
      -- Asked only where nothing of this book can run by itself.
      case when exists (select from statuses where status in ('queued', 'running', 'waiting')) then false
        else ${waitsForAnother(audiobookId)} end as "waitsForOthers",
      (select coalesce(json_agg(json_build_object(
          'id', id, 'type', type, 'status', status, 'startedAt', started_at, 'completedAt', completed_at,
          'chapterId', chapter_id, 'position', position, 'title', title, 'attempts', attempts, 'progress', done,
          'errorMessage', error_message, 'provider', provider, 'rowVersion', row_version::text
        ) order by position nulls last, array_position(array['transcribe', 'summarize', 'tag', 'embed'], type), id), '[]')
        from own where ${since ?? null}::xid8 is null or row_version >= ${since ?? null}::xid8) as jobs
    from audiobooks where id = ${audiobookId}`.execute(db)
  const [row] = rows
  if (!row) return undefined
  const rowVersions = new Map(row.jobs.map((job) => [job.id, job.rowVersion]))
  return { version: row.version, view: viewOf(audiobookId, row), rowVersions }
}

/** What a job may be that has children at work: a completed one's are all done. */
const PARENTS = sql`'waiting', 'failed', 'cancelled'`

/** `own`: the book's jobs that are nobody's children, each with what its family has done and when that changed last. */
const ownJobs = (audiobookId: string) => sql`
  top as (
    -- Not j.*: results that were handed in are megabytes.
    select j.id, j.type, j.status, j.started_at, j.completed_at, j.chapter_id, j.attempts, j.error_message,
      j.output->>'provider' as provider, j.row_version, c.position, c.title,
      case when j.status = 'completed' then 1 else j.progress::numeric end as done
    from processing_jobs j left join chapters c on c.id = j.chapter_id
    where j.subject_id = ${audiobookId} and j.subject_kind = 'audiobook' and j.parent_id is null
  ), family as (
    select id as top_id, id, status, done, row_version, 1::numeric as share from top where status in (${PARENTS})
    union all
    select family.top_id, child.id, child.status,
      case when child.status = 'completed' then 1 else child.progress::numeric end, child.row_version,
      family.share / count(*) over (partition by child.parent_id)
    from family join processing_jobs child on child.parent_id = family.id
    where family.status in (${PARENTS})
  ), rolled_up as (
    select top_id, max(row_version) as row_version, sum(share * done) filter (
      where status not in (${PARENTS})
        or not exists (select from processing_jobs child where child.parent_id = family.id)
    ) as done
    from family group by top_id having count(*) > 1
  ), own as (
    select top.id, type, status, started_at, completed_at, chapter_id, attempts, error_message, provider, position,
      title, coalesce(round(rolled_up.done, 4), top.done) as done,
      greatest(top.row_version, rolled_up.row_version) as row_version
    from top left join rolled_up on top_id = top.id
  )`

/** Whether a job of the book waits for another thing's: a unique one that was there already. */
const waitsForAnother = (audiobookId: string) => sql`exists (
  select from processing_jobs j
    join job_dependencies edge on edge.job_id = j.id join processing_jobs other on other.id = edge.depends_on
  where j.subject_id = ${audiobookId} and j.subject_kind = 'audiobook' and j.status = 'pending'
    and other.subject_id <> ${audiobookId} and other.status in ('pending', 'queued', 'running', 'waiting')
)`

interface Row {
  version: string
  total: number
  completed: number
  failed: number
  done: number
  statuses: JobStatus[]
  waitsForOthers: boolean
  jobs: (JobFacts & { rowVersion: string })[]
}

function viewOf(audiobookId: string, row: Row): AudiobookJobs {
  return {
    audiobook_id: audiobookId,
    jobs: row.jobs.map((job) => jobView(audiobookId, job)),
    overall_status: row.waitsForOthers ? 'processing' : overallStatus(row.statuses),
    progress: row.total === 0 ? 0 : Math.round((row.done / row.total) * 10_000) / 10_000,
    total_jobs: row.total,
    completed_jobs: row.completed,
    failed_jobs: row.failed,
  }
}

export async function subjectOfJob(db: Db, jobId: string): Promise<string | undefined> {
  const job = await db
    .selectFrom('processing_jobs')
    .select('subject_id')
    .where('id', '=', jobId)
    .executeTakeFirst()
  return job?.subject_id
}
