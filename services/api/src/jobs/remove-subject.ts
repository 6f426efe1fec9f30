import type { Bus } from '@app/bus'
import { type Db, inTransaction, type Trx } from '@app/db'
import { announceCancelled } from '@app/jobs'

export interface RemovalDeps {
  db: Db
  bus: Bus
  removeNow: (objectKeys: readonly string[]) => Promise<void>
}

/** What is left to do when the rows are gone. */
interface Removed {
  jobIds: readonly string[]
  objectKeys: readonly string[]
}

/**
 * Removes what has jobs: its rows in one transaction, then the stored objects that nothing refers to any more. Workers
 * are told that their jobs are gone; who does not hear it finds out, and can write nothing more.
 */
export async function removeSubject(
  { db, bus, removeNow }: RemovalDeps,
  deleteRows: (trx: Trx) => Promise<Removed>,
): Promise<void> {
  const { jobIds, objectKeys } = await inTransaction(db, deleteRows)
  await announceCancelled(bus, jobIds)
  await removeNow(objectKeys)
}
