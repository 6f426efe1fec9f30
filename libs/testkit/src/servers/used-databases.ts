import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onConnection } from './connection.ts'
import { shapeOf } from './database-shape.ts'
import { emptyTables } from './empty-tables.ts'
import { databaseUrl, dropDatabase, type Template } from './template-database.ts'

interface Place {
  adminUrl: string
  template: Template
  /** Shared by all test processes of this run: a file in it names a database that nobody uses. */
  directory: string
}

/**
 * Databases that tests of this run have used and emptied. Making a database takes half a second of a core, emptying one
 * a few milliseconds, and there are a thousand tests.
 */
export function usedDatabases({ adminUrl, template, directory }: Place) {
  mkdirSync(directory, { recursive: true })
  const noteOf = (name: string) => path.join(directory, name)

  return {
    /** One that nobody else gets, or undefined. */
    take(): string | undefined {
      return readdirSync(directory).find((name) => {
        try {
          // Not rmSync: that looks before it removes, so that two who are at it may both believe it was they.
          unlinkSync(noteOf(name))
          return true
        } catch {
          return false
        }
      })
    },

    /** Empties it for the next test. Drops it where it isn't what the template is. */
    async giveBack(name: string): Promise<void> {
      try {
        await closeConnections(adminUrl, name)
        const url = databaseUrl(adminUrl, name)
        await emptyTables(url)
        if ((await shapeOf(url)) !== template.shape) throw new Error('a test changed more than rows')
      } catch {
        await dropDatabase(adminUrl, name)
        return
      }
      writeFileSync(noteOf(name), '')
    },

    async drop(): Promise<void> {
      for (const name of readdirSync(directory)) await dropDatabase(adminUrl, name)
    },
  }
}

/** Whatever a test has left running must not write into the next one's database. */
async function closeConnections(adminUrl: string, name: string): Promise<void> {
  await onConnection(adminUrl, (client) =>
    client.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [name]),
  )
}
