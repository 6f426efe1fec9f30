import { sql } from 'kysely'
import type { Db, Trx } from './connect.ts'

/**
 * Marks objects for removal after this time, unless a transaction takes the mark back that refers to them. Marked before
 * they are stored, objects that a crash leaves behind are removed as well.
 */
export async function expireObjects(
  db: Db | Trx,
  objectKeys: readonly string[],
  afterMs: number,
): Promise<void> {
  if (objectKeys.length === 0) return
  const delete_after = sql<Date>`clock_timestamp() + make_interval(secs => ${afterMs / 1000}::float8)`
  await db
    .insertInto('storage_deletions')
    .values(objectKeys.map((object_key) => ({ object_key, delete_after })))
    .onConflict((oc) => oc.column('object_key').doUpdateSet({ delete_after }))
    .execute()
}
