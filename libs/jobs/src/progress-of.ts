import type { Db } from '@app/db'
import { sql } from 'kysely'
import type { JobRow } from './claim.ts'

/** All jobs of a thing, in the order in which they were planned. */
export async function jobsOf(db: Db, subjectId: string): Promise<JobRow[]> {
  return await db
    .selectFrom('processing_jobs')
    .selectAll()
    .where('subject_id', '=', subjectId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
}

/**
 * A thing's jobs written since `version`, and the version to ask from next time. A version is the oldest transaction
 * that was still open at the time of reading: whatever commits later carries it or a newer one, so nothing is missed,
 * though the last rows may come twice.
 */
export async function jobChangesSince(
  db: Db,
  subjectId: string,
  version: string,
): Promise<{ jobs: JobRow[]; version: string }> {
  const { rows } = await sql<{ version: string; ids: string[] | null }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as version,
      (select json_agg(id) from processing_jobs
       where subject_id = ${subjectId} and row_version >= ${version}::xid8) as ids`.execute(db)
  const [row] = rows
  const ids = row?.ids ?? []
  const jobs =
    ids.length === 0
      ? []
      : await db.selectFrom('processing_jobs').selectAll().where('id', 'in', ids).execute()
  return { jobs, version: row?.version ?? version }
}
