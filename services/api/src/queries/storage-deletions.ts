import { type Db, expireObjects, type Trx } from '@app/db'
import { sql } from 'kysely'

/**
 * Takes the marks back, in the transaction that refers to the objects. False where one of them is due by now: it
 * may be gone, and must not be referred to.
 */
export async function keepObjects(trx: Trx, objectKeys: readonly string[]): Promise<boolean> {
  if (objectKeys.length === 0) return true
  const { numDeletedRows } = await trx
    .deleteFrom('storage_deletions')
    .where('object_key', 'in', objectKeys)
    // Not now(), the transaction's start: what falls due while it runs is the sweeper's.
    .where('delete_after', '>', sql<Date>`clock_timestamp()`)
    .executeTakeFirst()
  return numDeletedRows === BigInt(objectKeys.length)
}

/** Marks objects for removal now, in the transaction that removes what referred to them. */
export async function discardObjects(trx: Trx, objectKeys: readonly string[]): Promise<void> {
  await expireObjects(trx, objectKeys, 0)
}

/**
 * Lets marked objects fall due at once. Never marks one anew: where the transaction that kept it has committed, though
 * its answer was lost, the mark is gone and the object stays.
 */
export async function hurryObjects(db: Db, objectKeys: readonly string[]): Promise<void> {
  if (objectKeys.length === 0) return
  await db
    .updateTable('storage_deletions')
    .set({ delete_after: sql<Date>`clock_timestamp()` })
    .where('object_key', 'in', objectKeys)
    .execute()
}

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
