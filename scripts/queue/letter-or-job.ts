import type { Db } from '@app/db'

/** People copy the one id or the other; a dead letter stands for its job. */
export async function jobIdOf(db: Db, id: string): Promise<string> {
  const letter = await db.selectFrom('dead_letters').select('job_id').where('id', '=', id).executeTakeFirst()
  return letter?.job_id ?? id
}

/** The other way round: a job stands for its newest dead letter. */
export async function letterIdOf(db: Db, id: string): Promise<string> {
  const letter = await db
    .selectFrom('dead_letters')
    .select('id')
    .where('job_id', '=', id)
    .orderBy('died_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return letter?.id ?? id
}
