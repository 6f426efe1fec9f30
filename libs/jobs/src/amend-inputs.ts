import type { Trx } from '@app/db'
import { sql } from 'kysely'
import { lockFamily } from './family.ts'

interface Amended {
  subjectKind: string
  subjectId: string
  queue: string
}

/**
 * Changes what the jobs of a queue about this thing, and their children, are given; `null` takes a field out. What runs
 * goes on with what it was given, and what is finished stays. Steps go with a changed input: they were taken for the
 * other one.
 */
export async function amendInputs(
  trx: Trx,
  { subjectKind, subjectId, queue }: Amended,
  change: Readonly<Record<string, string | number | boolean | null>>,
): Promise<void> {
  const about = sql`subject_kind = ${subjectKind} and subject_id = ${subjectId} and queue = ${queue}`
  const family = await lockFamily(trx, about)
  const ids = family.filter(({ status }) => !STAYS.has(status)).map(({ id }) => id)
  const kept = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null))
  const amended = sql`(input - ${Object.keys(change)}::text[]) || ${JSON.stringify(kept)}::jsonb`
  await sql`
    with amended as (
      update processing_jobs set input = ${amended}
      where id = any(${ids}::uuid[]) and input is distinct from ${amended}
      returning id
    )
    delete from job_steps where job_id in (select id from amended)`.execute(trx)
}

const STAYS: ReadonlySet<string> = new Set(['running', 'completed'])
