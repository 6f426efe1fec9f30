import type { Db } from '@app/db'
import { sql } from 'kysely'

/**
 * Some of what is due, in no order, so that an object which resists removal doesn't hold up the others. Skips what a
 * transaction is taking back this moment.
 */
export async function dueObjects(db: Db, most: number): Promise<string[]> {
  const { rows } = await sql<{ object_key: string }>`
    select object_key from storage_deletions
    where delete_after <= now() order by random() limit ${most} for update skip locked`.execute(db)
  return rows.map((row) => row.object_key)
}

/** Forgets objects that are gone. */
export async function forgetObjects(db: Db, objectKeys: readonly string[]): Promise<void> {
  if (objectKeys.length === 0) return
  await db
    .deleteFrom('storage_deletions')
    .where('object_key', 'in', objectKeys)
    .where('delete_after', '<=', sql<Date>`now()`)
    .execute()
}
