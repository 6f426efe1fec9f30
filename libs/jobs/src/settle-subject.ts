import type { Trx } from '@app/db'
import { overallStatus } from '@app/flows'
import { sql } from 'kysely'

/** What a job is about. */
export interface Subject {
  kind: string
  id: string
}

/** The same for several things, each once; locked in id order, so that two transactions can't deadlock. */
export async function settleSubjects(trx: Trx, subjects: readonly Subject[]): Promise<void> {
  const once = [...new Map(subjects.map((subject) => [`${subject.id} ${subject.kind}`, subject])).entries()]
  for (const [, { kind, id }] of once.sort(([a], [b]) => (a < b ? -1 : 1))) await settleSubject(trx, kind, id)
}

/** The same for whatever these jobs, and the jobs that wait for them, are about. */
export async function settleSubjectsOf(trx: Trx, jobIds: readonly string[]): Promise<void> {
  const { rows } = await sql<Subject>`
    select subject_kind as kind, subject_id as id from processing_jobs where id = any(${jobIds}::uuid[])
    union
    select job.subject_kind, job.subject_id
    from job_dependencies edge join processing_jobs job on job.id = edge.job_id
    where edge.depends_on = any(${jobIds}::uuid[])`.execute(trx)
  await settleSubjects(trx, rows)
}

/**
 * Brings the thing's own status in line with its jobs', in the transaction that changed one of them.
 * The row is locked first: of two last siblings that commit together, the second then sees the first.
 */
export async function settleSubject(trx: Trx, kind: string, subjectId: string): Promise<void> {
  if (kind !== 'audiobook') return
  const book = await trx
    .selectFrom('audiobooks')
    .select('status')
    .where('id', '=', subjectId)
    .forUpdate()
    .executeTakeFirst()
  if (!book) return
  const jobs = await trx
    .selectFrom('processing_jobs')
    .select('status')
    .distinct()
    .where('subject_id', '=', subjectId)
    .where('subject_kind', '=', kind)
    .execute()
  const statuses = jobs.map((job) => job.status)
  const stuck = overallStatus(statuses) === 'failed' && statuses.includes('pending')
  const status = stuck && (await waitsForOthers(trx, subjectId)) ? 'processing' : overallStatus(statuses)
  if (status !== book.status) {
    await trx.updateTable('audiobooks').set({ status }).where('id', '=', subjectId).execute()
  }
}

/** A unique job that was there already is another thing's: this one goes on when that one does. */
async function waitsForOthers(trx: Trx, subjectId: string): Promise<boolean> {
  const { rows } = await sql`
    select from processing_jobs job
      join job_dependencies edge on edge.job_id = job.id
      join processing_jobs other on other.id = edge.depends_on
    where job.subject_id = ${subjectId} and job.subject_kind = 'audiobook' and job.status = 'pending' and other.subject_id <> ${subjectId}
      and other.status in ('pending', 'queued', 'running', 'waiting')
    limit 1`.execute(trx)
  return rows.length > 0
}
