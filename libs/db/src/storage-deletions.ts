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
