import type { Trx } from '@app/db'
import { type RawBuilder, sql } from 'kysely'
import type { JobRow } from './claim.ts'

export type FamilyMember = Pick<JobRow, 'id' | 'parent_id' | 'status'>

/**
 * Locks these jobs with all their children, and theirs: children before parents and in id order, the order in which
 * a completion locks them. `roots` is a condition on processing_jobs.
 */
export async function lockFamily(trx: Trx, roots: RawBuilder<unknown>): Promise<FamilyMember[]> {
  for (let known = -1; ; ) {
    const { rows } = await sql<FamilyMember>`
      with recursive family (id, depth) as (
        select id, 0 from processing_jobs where ${roots}
        union all
        select child.id, depth + 1 from family join processing_jobs child on child.parent_id = family.id
      ), member as (
        select id, max(depth) as depth from family group by id
      )
      select job.id, job.parent_id, job.status
      from processing_jobs job join member on member.id = job.id
      where job.id = any(array(select id from member))
      order by member.depth desc, job.id
      for update of job`.execute(trx)
    // A job that came to wait for children while we waited for its lock has some that are not locked yet.
    if (rows.length === known) return rows
    known = rows.length
  }
}
