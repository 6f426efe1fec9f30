import { type Kysely, sql } from 'kysely'

/**
 * Has Postgres compile none of the plans of every job's life. Where reading a whole table is forbidden and there is no
 * other way, as for the few rows of `workers`, Postgres before 18 counts it as 10¹⁰ dear, and takes machine code to be
 * worth its while: each look of each dispatcher was compiled anew, 110 ms of computing instead of 2.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const name of FUNCTIONS) await sql.raw(`alter function ${name} set jit = off`).execute(db)
}

/** All that are planned once. The first is of versions before 0008. */
const FUNCTIONS = [
  'jobs_to_admit(text, text, uuid, int)',
  'jobs_to_admit(uuid, int)',
  'mark_due_jobs(jsonb, int)',
  'dispatch_outlook()',
  'claim_jobs(jsonb)',
  'complete_jobs(jsonb)',
  'count_off_dependants(uuid[])',
]
