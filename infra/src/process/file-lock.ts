import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'

export interface FileLock {
  release(): void
}

/**
 * Takes a lock that the operating system gives back when its holder ends, however it ends: there is no such
 * thing as a stale one. (An empty SQLite database, opened for writing: the only file lock that Node has.)
 * Undefined when somebody else has it, after `waitMs`.
 */
export function takeFileLock(file: string, waitMs = 0): FileLock | undefined {
  mkdirSync(path.dirname(file), { recursive: true })
  const database = new DatabaseSync(file)
  try {
    database.exec(`pragma busy_timeout = ${waitMs}; pragma journal_mode = memory; begin exclusive`)
    held.add(database)
    return {
      release: () => {
        held.delete(database)
        database.close()
      },
    }
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return undefined
    throw error
  }
}

const SQLITE_BUSY = 5
/** Kept from the garbage collector, which would close the file and with it give the lock away. */
const held = new Set<DatabaseSync>()
